"""The desk as its volunteers use it: through the pages, with a test client."""

from typing import Any

from django.test import Client
from django.urls import reverse

from defections.corrections import answers_as_corrected
from defections.desk.checklist import lines_to_check
from defections.models import Application
from members.models import Person


def address(page: str, application: Application, *more: Any) -> str:
    """The address of one of the desk's pages about an application."""
    return reverse(f"defections:{page}", args=[application.pk, *more])


def client_of(person: Person) -> Client:
    """A browser in which `person` is logged in."""
    client = Client()
    client.force_login(person)
    return client


def text_of(response: Any) -> str:
    """The page as one line."""
    return " ".join(response.content.decode().split())


def check_section(client: Client, application: Application, section: str, finding: str = "confirmed") -> Any:
    """Writes the finding about each line of one section."""
    lines = [
        line for line in lines_to_check(answers_as_corrected(application)) if line.section.key == section
    ]
    data = {f"finding-{line.key}": finding for line in lines}
    data |= {f"note-{line.key}": "Seen in the public record." for line in lines}
    return client.post(address("desk_section", application, section), data)


def sections_to_check(application: Application) -> list[str]:
    """The sections that have lines to check."""
    return list(dict.fromkeys(line.section.key for line in lines_to_check(answers_as_corrected(application))))


CONTACT = {
    "way": "phone",
    "is_direct": "yes",
    "was_reached": "yes",
    "hour": "00:00",
    "note": "Spoke with them for ten minutes.",
}


def log_contact(client: Client, application: Application, **changed: Any) -> Any:
    """Puts a contact of today's first minute into the log."""
    today = client.get(address("desk_contacts", application)).context["form"].initial["day"]
    day = {"day_day": today.day, "day_month": today.month, "day_year": today.year}
    return client.post(address("desk_contacts", application), {**CONTACT, **day, **changed})
