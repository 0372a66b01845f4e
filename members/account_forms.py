"""allauth's forms in our words: named in settings.ACCOUNT_FORMS and settings.MFA_FORMS.

Apart from members/forms.py, which allauth itself imports while it builds its own.
"""

import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import refuse_unsendable
from members.forms import code_field


def email_field() -> forms.EmailField:
    """An email address, in lower case."""
    return LowerCaseEmailField(
        label=_("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter your email address"),
            "invalid": _("Enter an email address like name@example.org"),
        },
    )


class LowerCaseEmailField(forms.EmailField):
    """An address is kept in lower case, so that it is found however it is typed."""

    default_validators = [*forms.EmailField.default_validators, refuse_unsendable]

    def to_python(self, value: Any) -> str:
        """The address in lower case, before it is looked at."""
        return str(super().to_python(value)).lower()


def own_password_field() -> forms.CharField:
    """The password that somebody has already."""
    return forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your password")},
    )


def _say_how_to_choose(field: forms.Field, label: Any) -> None:
    field.label = label
    field.help_text = _("At least 12 characters. Three or four words that do not belong together do well.")
    field.error_messages["required"] = _("Enter a new password")


class LogInForm(account.LoginForm):
    """An email address to which a code is sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = email_field()


class LogInByPasswordForm(LogInForm):
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = own_password_field()


class RequestLoginCodeForm(account.RequestLoginCodeForm):
    """An email address to which a code is sent."""

    email = email_field()


class SignUpForm(account.SignupForm):
    """Name, address, and a box that only robots fill in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = email_field()
        email.help_text = _("We will send a code to this address to make sure that it is yours.")
        self.fields["email"] = email
        trap = self.fields["website"]
        trap.label = _("Leave this empty")
        trap.widget = forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})


class ConfirmLoginCodeForm(account.ConfirmLoginCodeForm):
    """The code for logging in."""

    code = code_field()


class ConfirmEmailCodeForm(account.ConfirmEmailVerificationCodeForm):
    """The code that proves an address."""

    code = code_field()


class ConfirmPasswordResetCodeForm(account.ConfirmPasswordResetCodeForm):
    """The code for a new password."""

    code = code_field()


class ChangeEmailForm(account.ChangeEmailForm):
    """Another address while signing up."""

    email = email_field()


class AddEmailForm(account.AddEmailForm):
    """Another address for the account."""

    email = email_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        email.label = _("New email address")
        email.help_text = _(
            "We will send a code to it. The old address works until you have entered the code."
        )


class ResetPasswordForm(account.ResetPasswordForm):
    """The address of the account whose password is forgotten."""

    email = email_field()


class ChangePasswordForm(account.ChangePasswordForm):
    """The present password and a new one, typed once: a code by email lets in whoever mistypes it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"] = own_password_field()
        self.fields["oldpassword"].label = _("Your present password")
        _say_how_to_choose(self.fields["password1"], _("New password"))
        del self.fields["password2"]


class SetPasswordForm(account.SetPasswordForm):
    """A first password, typed once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_how_to_choose(self.fields["password1"], _("Password"))
        del self.fields["password2"]


class ResetPasswordKeyForm(account.ResetPasswordKeyForm):
    """A new password in place of one forgotten, typed once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_how_to_choose(self.fields["password1"], _("New password"))
        del self.fields["password2"]


class ReauthenticateForm(account.ReauthenticateForm):
    """The password once more."""

    password = own_password_field()


class SecondStepForm(mfa.AuthenticateForm):
    """The second step at log-in: a code from the app, or a recovery code."""

    code = code_field()


class SecondStepAgainForm(mfa.ReauthenticateForm):
    """The second step once more."""

    code = code_field()


class ActivateAppForm(ActivateTOTPForm):
    """The first code from an authenticator app, which proves that it is set up."""

    code = code_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code from the app")


def passkey_name_field(*, required: bool = True) -> forms.CharField:
    """What a passkey is called, so that its owner can tell it from their others."""
    return forms.CharField(
        label=_("What to call it"),
        help_text=_("For example, My phone"),
        max_length=60,
        required=required,
        error_messages={"required": _("Enter what to call it")},
    )


@contextmanager
def malformed_refused() -> Iterator[None]:
    """Turns what goes wrong inside the passkey library over made-up data into a sentence beside the field.

    The library checks signatures and challenges; what is no passkey data at all makes it fail in any of these
    ways.
    """
    try:
        yield
    except _MALFORMED as error:
        raise forms.ValidationError(
            _("That passkey could not be used. Try again, or log in another way."), code="malformed"
        ) from error


_MALFORMED = (
    AssertionError,
    AttributeError,
    InvalidSignature,
    LookupError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    struct.error,
)


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    """A name for a new passkey; the browser fills in the rest."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = passkey_name_field(required=False)
        alone = self.fields["passwordless"]
        alone.label = _("Let it log me in by itself, with no code by email")
        alone.help_text = ""
        alone.initial = True

    def clean_credential(self) -> Any:
        """What the browser made; PostgreSQL keeps no null character."""
        credential = self.cleaned_data["credential"]
        with malformed_refused():
            if "\\u0000" in json.dumps(credential):
                raise ValueError("null character")
        return credential

    def clean(self) -> Any:
        """Checks the passkey."""
        with malformed_refused():
            return super().clean()


class CheckPasskeyForm(webauthn.AuthenticateWebAuthnForm):
    """A passkey as the second step at log-in."""

    def clean_credential(self) -> Any:
        """Checks the passkey."""
        with malformed_refused():
            return super().clean_credential()


class LogInByPasskeyForm(webauthn.LoginWebAuthnForm):
    """A passkey in place of everything else."""

    def clean_credential(self) -> Any:
        """Checks the passkey."""
        with malformed_refused():
            return super().clean_credential()


class CheckPasskeyAgainForm(webauthn.ReauthenticateWebAuthnForm):
    """A passkey once more."""

    def clean_credential(self) -> Any:
        """Checks the passkey."""
        with malformed_refused():
            return super().clean_credential()


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = passkey_name_field()
