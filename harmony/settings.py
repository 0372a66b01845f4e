"""Every setting, from the environment; what production needs and lacks stops the start by name.

`DEMONSTRATION=true` is for one machine: plain HTTP cookies, the page of mails, `manage.py demo`.
Everything else is as in production, and `DEBUG` is off unless asked for.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from psycopg import IsolationLevel

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def required(name: str) -> str:
    """The environment variable `name`; raises ImproperlyConfigured, naming it, when it is unset or empty."""
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"Set the environment variable {name}: see docs/running.md.")
    return value


# --- What kind of start this is -------------------------------------------------------------------
DEMONSTRATION = env.bool("DEMONSTRATION", default=False)
DEBUG = env.bool("DEBUG", default=False)
if DEBUG and not DEMONSTRATION:
    raise ImproperlyConfigured("DEBUG shows people's data in error pages: it needs DEMONSTRATION=true.")
SITE_URL = required("SITE_URL").rstrip("/")
SITE_NAME = env.str("SITE_NAME", default="Harmony")
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

# --- Secrets --------------------------------------------------------------------------------------
SECRET_KEY = required("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
KEYRING_FILE = Path(required("KEYRING_FILE"))

# --- Where it is served ---------------------------------------------------------------------------
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set the environment variable ALLOWED_HOSTS: see docs/running.md.")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
ROOT_URLCONF = "harmony.urls"
WSGI_APPLICATION = "harmony.wsgi.application"

INSTALLED_APPS = [
    "harmony",
    "defections",
    "decisions",
    "ballots",
    "assemblies",
    "members",
    "ledger",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "harmony.admin_config.HarmonyAdminConfig",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "harmony.middleware.PlainTextMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "harmony.middleware.PrivatePagesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "harmony.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["harmony"]
CRISPY_TEMPLATE_PACK = "harmony"
CRISPY_FAIL_SILENTLY = False

# --- Data -----------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url_config(required("DATABASE_URL"), engine="django.db.backends.postgresql")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# The order of a vote and the close rests on it (docs/ballot-protocol.md), whatever the server's own default is.
DATABASES["default"].setdefault("OPTIONS", {})["isolation_level"] = IsolationLevel.READ_COMMITTED
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Rate limits live in PostgreSQL, so that logging in and voting work with Redis away.
# With room for many, so that nobody pushes out the counters with a flood of others.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "harmony_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000, "CULL_FREQUENCY": 10},
    }
}

# --- The worker and the clock ---------------------------------------------------------------------
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=15.0)
CELERY_BROKER_URL = required("REDIS_URL")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "harmony.tasks.sweep",
        "schedule": SWEEP_SECONDS,
        # A tick that nobody took before the next one is worth nothing.
        "options": {"expires": max(SWEEP_SECONDS, 1.0)},
    }
}

# --- Mail -----------------------------------------------------------------------------------------
vars().update(env.email_url_config(required("EMAIL_URL")))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = required("DEFAULT_FROM_EMAIL")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- People ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "members.Person"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# --- Defections ---------------------------------------------------------------------------------------------
# How many days ahead an applicant is invited to the hustings on their case, at least (D20).
HUSTINGS_NOTICE_DAYS = env.int("HUSTINGS_NOTICE_DAYS", default=7)
# After how many days, and then how often, an assembly that has decided is reminded of the letter (D24, D26).
LETTER_REMINDER_DAYS = env.int("LETTER_REMINDER_DAYS", default=3)
# How many days after a decline the same address can send another application; 0: at once.
REAPPLICATION_DAYS = env.int("REAPPLICATION_DAYS", default=0)

LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("home")
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
# Whoever can enter the admin (staff, and serving secretaries) needs a second step at log-in first.
ADMIN_NEEDS_MFA = env.bool("ADMIN_NEEDS_MFA", default=not DEMONSTRATION)
ACCOUNT_ADAPTER = "members.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_SIGNUP_FORM_CLASS = "members.forms.SignUpForm"
ACCOUNT_FORMS = {
    "add_email": "members.account_forms.AddEmailForm",
    "change_email": "members.account_forms.ChangeEmailForm",
    "change_password": "members.account_forms.ChangePasswordForm",
    "confirm_email_verification_code": "members.account_forms.ConfirmEmailCodeForm",
    "confirm_login_code": "members.account_forms.ConfirmLoginCodeForm",
    "confirm_password_reset_code": "members.account_forms.ConfirmPasswordResetCodeForm",
    "login": "members.account_forms.LogInForm",
    "reauthenticate": "members.account_forms.ReauthenticateForm",
    "request_login_code": "members.account_forms.RequestLoginCodeForm",
    "reset_password": "members.account_forms.ResetPasswordForm",
    "reset_password_from_key": "members.account_forms.ResetPasswordKeyForm",
    "set_password": "members.account_forms.SetPasswordForm",
    "signup": "members.account_forms.SignUpForm",
}
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 60 * 60
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS: dict[str, str] = {}  # allauth's own
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_ADAPTER = "members.accounts.MFAAdapter"
MFA_FORMS = {
    "activate_totp": "members.account_forms.ActivateAppForm",
    "add_webauthn": "members.account_forms.AddPasskeyForm",
    "authenticate": "members.account_forms.SecondStepForm",
    "authenticate_webauthn": "members.account_forms.CheckPasskeyForm",
    "edit_webauthn": "members.account_forms.RenamePasskeyForm",
    "login_webauthn": "members.account_forms.LogInByPasskeyForm",
    "reauthenticate": "members.account_forms.SecondStepAgainForm",
    "reauthenticate_webauthn": "members.account_forms.CheckPasskeyAgainForm",
}

# --- Safety ---------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = not DEMONSTRATION and env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthy/$"]
SECURE_HSTS_SECONDS = 0 if DEMONSTRATION else env.int("SECURE_HSTS_SECONDS", default=2 * 365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEMONSTRATION
SECURE_HSTS_PRELOAD = not DEMONSTRATION
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# "same-origin" keeps the emailed voting link out of other sites' logs.
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = not DEMONSTRATION
SESSION_COOKIE_NAME = "sessionid" if DEMONSTRATION else "__Host-sessionid"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_SECURE = not DEMONSTRATION
CSRF_COOKIE_NAME = "csrftoken" if DEMONSTRATION else "__Host-csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "harmony.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# --- Language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LANGUAGES = (
    [("en-gb", _("English")), ("cy", _("Welsh"))]
    if env.bool("WELSH", default=False)
    else [("en-gb", _("English"))]
)
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/London"
FORMAT_MODULE_PATH = "harmony.formats"
USE_TZ = True
USE_I18N = True
# How long a "day" of the ladder is (harmony/time.py): a demonstration goes the whole way in minutes.
WHOLE_DAY = 24 * 60 * 60
DAY_SECONDS = env.float("DAY_SECONDS", default=WHOLE_DAY)
if DAY_SECONDS != WHOLE_DAY and not DEMONSTRATION:
    raise ImproperlyConfigured("DAY_SECONDS makes promised periods shorter: it needs DEMONSTRATION=true.")
if not 0 < DAY_SECONDS <= WHOLE_DAY:
    raise ImproperlyConfigured("DAY_SECONDS is more than 0 and at most 86400.")

# --- Files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Voting ---------------------------------------------------------------------------------------
# The Ethical Kernel and the Four Principles, which whoever stands for an office accepts: see docs/running.md.
PRINCIPLES_FILE = Path(env.str("PRINCIPLES_FILE", default=str(BASE_DIR / "decisions/data/principles.json")))
BALLOT_LIST_MINIMUM = env.int("BALLOT_LIST_MINIMUM", default=10)  # voters; fewer, and no list is published
BALLOT_FRESH_LOGIN_SECONDS = 60 * 60

# --- Defections -----------------------------------------------------------------------------------
# Where the form goes by post or email (D15), as the printed form says it; a line break in an address is "\n".
DEFECTIONS_POST_TO = env.str("DEFECTIONS_POST_TO", default="", multiline=True)
DEFECTIONS_EMAIL_TO = env.str("DEFECTIONS_EMAIL_TO", default="")

# How long what an application seals is kept; days and months are London's. See docs/data-protection.md.
DEFECTIONS_DRAFT_DAYS = env.int("DEFECTIONS_DRAFT_DAYS", default=30)  # after last saved, or sendable again
DEFECTIONS_DRAFT_WARNING_DAYS = env.int("DEFECTIONS_DRAFT_WARNING_DAYS", default=7)  # before that, by mail
DEFECTIONS_OVER_MONTHS = env.int("DEFECTIONS_OVER_MONTHS", default=6)  # declined, withdrawn, not genuine
if REAPPLICATION_DAYS > 28 * DEFECTIONS_OVER_MONTHS:
    raise ImproperlyConfigured(
        "REAPPLICATION_DAYS reaches beyond DEFECTIONS_OVER_MONTHS, after which nobody knows who was declined."
    )
DEFECTIONS_ACCEPTED_DAYS = env.int("DEFECTIONS_ACCEPTED_DAYS", default=90)  # what was given, after the letter
DEFECTIONS_COPY_MONTHS = env.int("DEFECTIONS_COPY_MONTHS", default=60)  # then: sanitised copy and letter
# Whether the sanitised copy and the letter of somebody who was accepted outlast their request for erasure.
DEFECTIONS_COPY_OUTLASTS_REQUEST = env.bool("DEFECTIONS_COPY_OUTLASTS_REQUEST", default=True)
# What stays after an erasure, and why the law allows it, as it is told to the applicant (UK GDPR, article 17(3)).
DEFECTIONS_KEPT_BY_LAW = (
    (
        _("The reference of the application, and the dates on which it was sent, decided and erased"),
        _("so that the party can show that it kept to its rules (UK GDPR, articles 5(2) and 17(3)(e))"),
    ),
    (
        _("Which assembly decided, what it decided, and which kind of letter was sent, without the letter"),
        _("so that a decision of the members stays on their record (articles 9(2)(d) and 17(3)(e))"),
    ),
    (
        _("The record of who did and looked at what, and when, without what they saw"),
        _("so that misuse can be proved (articles 5(1)(f) and 17(3)(e))"),
    ),
)

# --- Logging: to stderr, one line an event, never a request's body --------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Django's own set-up mails whole requests to ADMINS and prints them under DEBUG; here they go one way only.
    "loggers": {
        "django": {"handlers": [], "propagate": True, "level": "INFO"},
        "django.server": {"handlers": [], "propagate": True, "level": "INFO"},
        # PostgreSQL's refusals, and this logger, repeat a failed statement with its values.
        "django.db.backends": {"handlers": [], "propagate": False, "level": "ERROR"},
        # They repeat bytes of a file that they cannot read.
        "pypdf": {"handlers": [], "propagate": False, "level": "CRITICAL"},
        "PIL": {"handlers": [], "propagate": False, "level": "CRITICAL"},
        # One line a sweep is enough: that it was done.
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
