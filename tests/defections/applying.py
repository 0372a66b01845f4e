"""An applicant at their browser at one moment."""

from datetime import datetime
from typing import Any

import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from defections import applicant
from defections.models import Application
from ledger.models import Content, Message


class Applicant:
    """The owner of an application, who has entered by a code."""

    def __init__(self, application: Application, at: datetime) -> None:
        self.at, self.client = at, Client()
        with time_machine.travel(at, tick=False):
            self.client.get(reverse("defections:form_start"))
            session = self.client.session
            session[applicant._KEY] = {"application": str(application.pk), "seen": at.timestamp()}
            session.save()
            self.client.cookies["sessionid"] = str(session.session_key)

    def get(self, name: str, *args: object) -> HttpResponse:
        """The page of this name."""
        with time_machine.travel(self.at, tick=False):
            return self.client.get(reverse(f"defections:{name}", args=args))  # type: ignore[return-value]

    def text(self, name: str, *args: object) -> str:
        """The text of the page of this name, which is there."""
        response = self.get(name, *args)
        assert response.status_code == 200, response.status_code
        return response.content.decode()

    def post(self, name: str, *args: object, **data: Any) -> HttpResponse:
        """What comes back for a form sent to the page of this name."""
        with time_machine.travel(self.at, tick=False):
            return self.client.post(reverse(f"defections:{name}", args=args), data)  # type: ignore[return-value]


def mails_to(application: Application) -> list[Content]:
    """The confidential mails waiting for the applicant, the oldest first."""
    waiting = [row.content for row in Message.objects.exclude(sealed=None).order_by("queued_at", "pk")]
    return [content for content in waiting if content.address == application.email]
