"""Going into an application as its applicant does: by a mailed code."""

import re

from django.test import Client
from django.urls import reverse

from tests.defections.making import mails_to


def newest_code(address: str) -> str:
    """The code in the newest mail with one that is queued for `address`."""
    mail = next(mail for mail in mails_to(address) if mail.subject == "Your code")
    found = re.search(r"^    ([A-Z0-9-]{6,})$", mail.text, re.MULTILINE)
    assert found, mail.text
    return found.group(1)


def enter(client: Client, address: str) -> None:
    """Goes into the application of `address` by a mailed code."""
    asked = client.post(reverse("defections:resume_ask"), {"email": address})
    assert client.post(asked["Location"], {"code": newest_code(address)}).status_code == 302
