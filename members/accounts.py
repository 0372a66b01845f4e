"""Where allauth meets Harmony: its mails leave by the outbox, its words and rules are ours."""

import time
import uuid
from base64 import b64decode, b64encode
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.stagekit import unstash_login
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from qrcode import QRCode

from ledger import keyring, outbox
from members.models import Person

_WRONG_CODE = _("That is not the code. Use the newest code we sent, or ask for another one.")
_TOO_MANY = _("There were too many tries. Wait a few minutes, then try again.")


class AccountAdapter(DefaultAccountAdapter):
    """Accounts by email; every mail goes through the outbox, as a secret (it may hold a code)."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "duplicate_email": _("This is your address already."),
        "email_password_mismatch": _("The email address and the password do not match."),
        "enter_current_password": _("That is not your present password."),
        "incorrect_code": _WRONG_CODE,
        "incorrect_password": _("That is not your password."),
        "max_email_addresses": _("An account has one email address."),
        "rate_limited": _("You asked for a code a moment ago. Wait a little, then ask again."),
        "same_as_current": _("This is your address already."),
        "too_many_login_attempts": _TOO_MANY,
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queues the mail; its text is erased once it is sent."""
        full = {
            "request": allauth_context.request,
            "email": email,
            "site_name": settings.SITE_NAME,
            "site_url": settings.SITE_URL,
            **context,
        }
        mail = self.render_mail(template_prefix, email, full)
        kind = template_prefix.replace("/email/", "/")
        outbox.queue_secret(
            f"{kind}:{uuid.uuid4()}", kind, email, str(mail.subject), str(mail.body), at=timezone.now()
        )

    def pre_login(self, request: HttpRequest, user: Person, **about: Any) -> HttpResponse | None:
        """Takes a code sent to an address as proof of it, also where an account was made for somebody."""
        response: HttpResponse | None = super().pre_login(request, user, **about)
        proven = any(
            record["method"] == "code" and record.get("email") == user.email
            for record in get_authentication_records(request, user)
        )
        if response is None and proven:
            EmailAddress.objects.get_or_create(
                user=user, email=user.email, defaults={"verified": True, "primary": True}
            )
        return response

    def login(self, request: HttpRequest, user: Person) -> None:
        """Logs in, and records when: signing up by an emailed code counts as logging in by one."""
        super().login(request, user)
        if not get_authentication_records(request, user):
            record_authentication(request, user, method="code", email=user.email)

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """After a new address is confirmed: the account it is of."""
        if self.request.user.is_authenticated:
            return reverse("members:account_detail")
        return str(super().get_email_verification_redirect_url(email_address))

    def get_password_change_redirect_url(self, _request: HttpRequest) -> str:
        """After a password is chosen or changed."""
        return reverse("members:account_detail")

    def get_reauthentication_methods(self, user: Person | AnonymousUser) -> list[dict[str, Any]]:
        """How somebody logged in can prove that it is still them: by code too, unless a second step guards."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        words = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate": _("Use your authenticator app or a recovery code"),
            "mfa_reauthenticate:webauthn": _("Use your passkey"),
        }
        methods = [{**method, "description": words[method["id"]]} for method in methods]
        if user.is_authenticated and not any(method["id"].startswith("mfa") for method in methods):
            url = reverse("members:log_in_again")
            methods.append({"id": "code", "description": _("Get a code by email"), "url": url})
        return methods


class MFAAdapter(DefaultMFAAdapter):
    """The second step at login: under the site's name, its secrets sealed, its words ours."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That is not the code. Use the newest code, or a recovery code not used before."),
        "cannot_generate_recovery_codes": _("Recovery codes need an authenticator app or a passkey first."),
        "unverified_email": _("Confirm your email address first."),
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Who passkeys are for."""
        return {**super().get_public_key_credential_rp_entity(), "name": settings.SITE_NAME}

    def generate_authenticator_name(self, user: Person, type: Authenticator.Type) -> str:  # noqa: A002
        """What a passkey is called until somebody names it."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey %(number)d") % {"number": number}

    def build_totp_svg(self, url: str) -> SafeString:
        """`url` as a QR code: SVG that stands in the page itself, geometry in attributes only."""
        code = QRCode(border=4)
        code.add_data(url)
        rows = code.get_matrix()
        path = "".join(
            f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
        )
        return format_html(
            '<svg class="qr" viewBox="0 0 {size} {size}" role="img" aria-label="{label}" '
            'shape-rendering="crispEdges"><rect width="{size}" height="{size}" fill="#fff"/>'
            '<path d="{path}" fill="#000"/></svg>',
            size=len(rows),
            label=pgettext("a picture", "QR code for your authenticator app"),
            path=path,
        )

    def encrypt(self, text: str) -> str:
        """Seals an authenticator's secret under the keyring before it is stored, bound to the request's person.

        One copied to another account does not open there. Raises KeyringError outside of a person's request.
        """
        return b64encode(keyring.current().wrap("person", text.encode(), context=_own_context())).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The reverse of `encrypt`, for the same person: logged in, or on the way to it by the second step."""
        return keyring.current().unwrap("person", b64decode(encrypted_text), context=_own_context()).decode()


def _own_context() -> str:
    """What the secrets of the request's person are bound to; allauth names neither a person nor a row."""
    request = allauth_context.request
    person = None
    if request is not None:
        login = None if request.user.is_authenticated else unstash_login(request, peek=True)
        person = login.user if login else request.user
    if not isinstance(person, Person):
        raise keyring.KeyringError("The secret of a second step is opened in its person's own request only.")
    return f"members.mfa:{person.pk}"


def authenticated_within(request: HttpRequest, seconds: float) -> bool:
    """Whether the person of this request proved who they are in this session in the last `seconds`.

    By password, emailed code, passkey or second step, at log-in or since (DESIGN, The ballot: access to cast).
    """
    return time.time() - authenticated_at(request) < seconds


def authenticated_at(request: HttpRequest) -> float:
    """When, in seconds since 1970, the person last proved who they are in this session; 0 for never."""
    return max((float(record["at"]) for record in _records(request)), default=0.0)


def count_login_as_reauthentication(request: HttpRequest) -> None:
    """Lets a log-in count where allauth asks to log in again, for as long as it would had it been asked for.

    Otherwise who has just logged in by code and turned on a second step would be sent away from their
    recovery codes to use it.
    """
    at = authenticated_at(request)
    if not any(record.get("reauthenticated") and record["at"] == at for record in _records(request)):
        record_authentication(request, request.user, method="code", reauthenticated=True, at=at)


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = get_authentication_records(
        request, request.user if request.user.is_authenticated else None
    )
    return records
