"""The second step of a log-in, where something asks for it before it opens: the records, the research desk."""

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from members.models import Person


def guarded(person: Person | AnonymousUser) -> bool:
    """Whether an authenticator app or a passkey guards the account; true of all where ADMIN_NEEDS_MFA is off.

    Recovery codes alone do not count: they come with one of the two.
    """
    if not settings.ADMIN_NEEDS_MFA:
        return True
    if not isinstance(person, Person):
        return False
    return bool(is_mfa_enabled(person, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]))
