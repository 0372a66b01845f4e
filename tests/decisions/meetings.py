"""What the tests of gatherings stand on: a gathering, and people at their browsers at a given moment."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from assemblies.models import Assembly, Duty
from decisions import gatherings, questions, registration
from decisions.models import Gathering, Question
from members.models import Person
from tests import factories

T0 = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
STARTS = datetime(2026, 6, 8, 18, 0, tzinfo=UTC)
ENDS = datetime(2026, 6, 8, 20, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
LINK = "https://meet.example.org/secret-room-7"
_number = count(1)


def make_gathering(assembly: Assembly, by: Person, *, at: datetime = T0, **fields: Any) -> Gathering:
    """A moot called by the real function: in a room and online, a week after T0."""
    values = {
        "title": "What shall we plant?",
        "starts_at": STARTS,
        "ends_at": ENDS,
        "address": "Town Hall\n1 High Street",
        "link": LINK,
        "agenda": "Talk about trees.",
    }
    return gatherings.call_gathering(assembly, by=by, at=at, **{**values, **fields})


def join(gathering: Gathering, *people: Person, at: datetime = T0) -> None:
    """The people register, to take part in the room."""
    for person in people:
        registration.register(gathering, person, at=at, way="room", accepts_code=True)


def ask(gathering: Gathering, by: Person, text: str = "", *, at: datetime = T0) -> Question:
    """`by` asks a question, for which they have registered."""
    return questions.ask(gathering, by=by, at=at, text=text or f"Question {next(_number)}?")


def make_resolutions() -> tuple[Assembly, Person]:
    """The assembly with the resolutions duty, and its secretary."""
    committee = factories.make_assembly("Committee for Resolutions")
    Duty(assembly=committee, name=Duty.Name.RESOLUTIONS).begin(at=factories.LONG_AGO)
    secretary = factories.make_member("Rita Reviewer", email="rita@example.org")
    factories.make_term(secretary, committee)
    return committee, secretary


class At:
    """Somebody (None: nobody logged in) at a browser at one moment."""

    def __init__(self, person: Person | None, at: datetime = T0) -> None:
        self.at = at
        self.client = Client()
        if person is not None:
            with time_machine.travel(at, tick=False):
                self.client.force_login(person)

    def get(self, name: str, *args: object, query: str = "") -> HttpResponse:
        """The page of this name."""
        with time_machine.travel(self.at, tick=False):
            return self.client.get(reverse(f"decisions:{name}", args=args) + query)  # type: ignore[return-value]

    def page(self, address: str) -> str:
        """The text of the page at an address of the site."""
        with time_machine.travel(self.at, tick=False):
            return self.client.get(address).content.decode()

    def text(self, name: str, *args: object, query: str = "") -> str:
        """The text of the page of this name, which is there."""
        response = self.get(name, *args, query=query)
        assert response.status_code == 200, response.status_code
        return response.content.decode()

    def post(self, name: str, *args: object, query: str = "", **data: Any) -> HttpResponse:
        """What comes back for a form sent to the page of this name."""
        with time_machine.travel(self.at, tick=False):
            return self.client.post(reverse(f"decisions:{name}", args=args) + query, data)  # type: ignore[return-value]
