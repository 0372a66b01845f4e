"""Where allauth meets Harmony: its mails leave by the outbox, its rules are ours."""

import uuid
from base64 import b64decode, b64encode
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.utils import timezone

from ledger import keyring, outbox


class AccountAdapter(DefaultAccountAdapter):
    """Accounts by email; every mail goes through the outbox, as a secret (it may hold a code)."""

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


class MFAAdapter(DefaultMFAAdapter):
    """The second step at login carries the site's name, not the host's."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Who passkeys are for."""
        return {**super().get_public_key_credential_rp_entity(), "name": settings.SITE_NAME}

    def encrypt(self, text: str) -> str:
        """Seals an authenticator's secret under the keyring before it is stored."""
        return b64encode(keyring.current().wrap("person", text.encode(), context="members.mfa")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The reverse of `encrypt`."""
        return keyring.current().unwrap("person", b64decode(encrypted_text), context="members.mfa").decode()
