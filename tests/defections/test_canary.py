"""An application in which every piece carries a word of its own: nobody finds one that is not for them (D16, D17, D26).

It is made through the public form and carried through the desk, the assembly and the letter by the pages. At each
stage everybody but the research opens every page, feed, file, search and list that there is.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import RequestFactory
from django.utils import timezone

from assemblies.models import Assembly
from decisions import talk
from defections.models import Application
from ledger import events
from members.models import Person
from tests.defections.canary import applying, deciding, researching
from tests.defections.canary.crawling import Crawl, Leak, Rows, every_address, rows_there_are
from tests.defections.canary.markers import COPY, EVERY, item_keys_without_marker, value
from tests.defections.canary.people import World, make_world
from tests.defections.canary.traces import Traces, broker_client, in_passing
from tests.defections.canary.walking import Walker
from tests.defections.cases import call_hustings, make_case
from tests.defections.making import make_application, make_release, make_volunteer
from tests.factories import make_decision, make_member, make_person

NAMES = frozenset({"name.given_name", "name.family_name"})
# These open every page of the whole site, the superuser all of the admin, and each of the others all of this app and
# whatever is about the case.
EVERYWHERE = {"anonymous", "member"}
THOROUGH = {*EVERYWHERE, "superuser"}  # these search, and send empty forms
SEARCHED = ("name.family_name", "email")  # what they search for, in every box


def test_every_item_of_the_form_has_a_marker() -> None:
    assert item_keys_without_marker() == set()
    assert COPY < EVERY


class Story:
    """One application on its way; `at` is now, and each step takes place before it."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        with self.then(days=24):
            make_release()
            self.world: World = make_world(timezone.now())
        self.applicant = Walker()
        self.traces = Traces()
        self.leaks: set[Leak] = set()
        self.walkers = [self.applicant]

    def then(self, **before: float) -> time_machine.travel:
        """The time so long before now."""
        return time_machine.travel(self.at - timedelta(**before))

    def walker(self, person: Person) -> Walker:
        """Somebody of the world at a browser."""
        made = Walker(person)
        self.walkers.append(made)
        return made

    def apply(self) -> Application:
        """The form is filled in and sent."""
        self.applicant.enter(value("email"))
        applying.fill_in(self.applicant, self.world.constituency)
        applying.send(self.applicant)
        return Application.objects.get()

    def crawl(self, stage: str, allowed: dict[str, frozenset[str]], *, closely: bool = False) -> None:
        """Everybody looks everywhere; closely: they send empty forms and search for what was given as well."""
        self.traces.is_paused = True
        rows = rows_there_are()
        everything = list(dict.fromkeys(every_address(rows)))
        for who, person in self.world.crowd.items():
            is_wanted = self._reach(who, rows, closely=closely)
            addresses = [one for one in everything if is_wanted(one)]
            crawl = Crawl(f"{stage}, {who}", person, allowed.get(who, frozenset()), is_wanted)
            sends = [one for one in addresses if one.startswith("/applications/")]
            is_thorough = closely and who in THOROUGH
            self.leaks |= crawl.run(
                addresses, sends=sends if is_thorough else (), words=SEARCHED if is_thorough else ()
            )
            assert crawl.faults == {}, who
        self.traces.is_paused = False

    def _reach(self, who: str, rows: Rows, *, closely: bool) -> Callable[[str], bool]:
        """Where somebody looks: near the case; closely, everywhere or at least wherever applications may be told of."""
        if not closely:
            return partial(_is_near, rows)
        if who in EVERYWHERE:
            return bool
        return partial(_is_about, rows, "/admin/" if who == "superuser" else "/admin/defections/")


def _is_near(rows: Rows, address: str) -> bool:
    """Whether an address is about the case: it names one of its rows, or lists them."""
    keys = {key for name in ("application", "decision", "gathering", "ballot") for key in rows[f"{name}_id"]}
    return any(key in address for key in keys) or address in ("/", "/decisions/", "/admin/ledger/event/")


def _is_about(rows: Rows, admin: str, address: str) -> bool:
    """Whether an address is of this app, within the part of the admin that `admin` names, or about the case."""
    return address.startswith(("/applications/", admin)) or _is_near(rows, address)


@pytest.mark.django_db(transaction=True)
@pytest.mark.policy("D16", "D17", "D26")
def test_nobody_but_the_research_finds_what_is_not_for_them() -> None:
    story = Story(timezone.now())
    with story.traces.watched():
        application = _research(story)
        _hustings(story, application)
        _vote_and_letter(story, application)
    for walker in story.walkers:
        assert in_passing(walker.seen) == set(), walker.person
    report(story.leaks | story.traces.leaks)


def _research(story: Story) -> Application:
    world = story.world
    with story.then(days=22):
        application = story.apply()
    with story.then(days=21):
        story.applicant.enter(value("email"))
        desk, second = story.walker(world.volunteer), story.walker(world.second)
        researching.check(desk, application, story.applicant)
        researching.make_copy(desk, application)
        story.crawl("in research", {})
        researching.release(desk, second, application)
    return application


def _hustings(story: Story, application: Application) -> None:
    world, secretary = story.world, story.walker(story.world.secretary)
    copies = dict.fromkeys(world.of_the_assembly, COPY)
    with story.then(days=20):
        gathering = deciding.call_hustings(secretary, application, story.at - timedelta(days=10))
        story.applicant.enter(value("email"))
        deciding.answer(story.applicant)
    with story.then(days=10, minutes=-20):
        secretary = story.walker(world.secretary)
        deciding.hold(secretary, gathering, world)
        told = {**copies, "secretary": COPY | {"another time"}}
        story.crawl("with the assembly", told, closely=True)
        applicant = value("email")
        story.traces.all_leaks(applicant=applicant)
    with story.then(days=8):
        deciding.deliberate(story.walker(world.secretary), gathering, application)


def _vote_and_letter(story: Story, application: Application) -> None:
    deciding.vote(story.world, application)
    deciding.write(story.walker(story.world.secretary), application)
    # An accepted applicant has an account like everybody: whoever keeps the accounts sees its name and address.
    account = NAMES | {"email"}
    allowed = dict.fromkeys(story.world.of_the_assembly, COPY)
    allowed |= {"secretary": COPY | {"another time"}, "superuser": account}
    story.crawl("after the letter", allowed)
    story.traces.all_leaks(applicant=value("email"), in_database=account)


def report(leaks: Iterable[Leak]) -> None:
    """Fails with a line for each leak, where there are any."""
    lines = sorted(str(leak) for leak in leaks)
    assert not lines, "\n".join([f"{len(lines)} leaks:", *lines])


@pytest.mark.django_db
@pytest.mark.policy("D17", "D26")
def test_nobody_learns_whose_account_an_application_belongs_to(
    assembly: Assembly, secretary: Person, outsider: Person
) -> None:
    account = make_member(value("account name"))
    application = make_case(assembly, email=account.email)
    call_hustings(application, secretary)
    assert deciding.decision_of(application).concerns == account
    rows = rows_there_are()
    is_near = partial(_is_near, rows)
    near = [address for address in dict.fromkeys(every_address(rows)) if is_near(address)]
    leaks: set[Leak] = set()
    strangers = {"outsider": outsider, "superuser": make_person(is_staff=True, is_superuser=True)}
    for who, person in {**strangers, "research": make_volunteer(), "anonymous": None}.items():
        leaks |= Crawl(who, person, is_wanted=is_near).run(near)
    report(leaks)


@pytest.mark.django_db(transaction=True)
def test_the_crawl_finds_what_leaks() -> None:
    world = make_world(timezone.now())
    secret, number = value("name.legal_family_name"), value("phones.home_phone")
    decision = make_decision(world.constituency, world.members[0], title=f"About {secret}")
    talk.say(decision, by=world.members[1], at=timezone.now(), text="Call 01225 496 173, or on 29/11/1951")
    words = ["name.legal_family_name", "name.family_name"]
    found = Crawl("somebody", None, is_wanted=_in_decisions).run(["/decisions/"], words=words)
    page = f"GET {decision.get_absolute_url()}"
    assert Leak("somebody", "name.legal_family_name", page) in found
    assert Leak("somebody", "phones.home_phone", page) in found
    assert Leak("somebody", "birth.date_of_birth", page) in found
    assert {leak.marker for leak in found if "search" in leak.where} == {"name.legal_family_name"}
    assert "phones.mobile_phone" not in {leak.marker for leak in found}
    events.record("test.leaked", decision, at=timezone.now(), data={"phone": number})
    root = Crawl("root", world.crowd["superuser"], is_wanted=_in_events).run(["/admin/ledger/event/"])
    assert "phones.home_phone" in {leak.marker for leak in root}
    with pytest.raises(AssertionError, match="legal_family_name at GET"):
        report(found)


def _in_decisions(address: str) -> bool:
    return address.startswith("/decisions/")


def _in_events(address: str) -> bool:
    return address.startswith("/admin/ledger/event/")


@pytest.mark.django_db(transaction=True)
def test_the_traces_tell_what_leaks() -> None:
    traces = Traces()
    with traces.watched():
        logging.getLogger("defections").debug("Somebody wrote %s", value("question"))
        Session.objects.filter(session_key=value("answer")).exists()
    cache.set("kept", {"by mistake": value("summary")})
    session = SessionStore()
    session["typed"] = value("office.body")
    session.save()
    made = make_application()
    Application.objects.filter(pk=made.pk).update(summary_sealed=f"in clear: {value('sent back')}".encode())
    mail.EmailMessage(
        f"About {value('email')}", f"Dear {value('name.given_name')}", to=["a@example.org"]
    ).send()
    key = f"test:{made.pk}"
    broker_client().set(key, value("search"))
    try:
        leaks = traces.all_leaks(applicant="a@example.org")
    finally:
        broker_client().delete(key)
    places = {(leak.marker, leak.where.partition(":")[0]) for leak in leaks}
    assert {
        ("question", "the log"),
        ("answer", "SQL"),
        ("summary", "the cache"),
        ("office.body", "a session"),
        ("sent back", "the dump"),
        ("email", "the subject of a mail"),
        ("search", "the broker"),
    } <= places
    assert ("name.given_name", "a mail") not in places
    assert ("name.given_name", "a mail") in {
        (leak.marker, leak.where.partition(":")[0])
        for leak in traces.all_leaks(applicant="other@example.org")
    }
    assert in_passing([f"/decisions/?q={value('question')}"]) == {"question"}
    told = CookieStorage(RequestFactory().get("/"))._encode([Message(20, f"Saved: {value('answer')}" * 9)])
    assert in_passing([f"cookie messages: {told}"]) == {"answer"}
