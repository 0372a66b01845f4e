"""Two applications in which every piece carries a word of its own: nobody finds one that is not for them.

One is made through the public form, the other entered from paper; both are carried through the desk, the assembly,
the ballot and the letter by the pages (D15, D16, D17, D26). At each stage everybody but the research looks for the
words: once through the whole site and the whole admin, otherwise wherever the applications are told of.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from functools import partial

import pytest
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
from tests.defections.canary import deciding
from tests.defections.canary.addresses import every_address, keys_of, rows_there_are
from tests.defections.canary.crawling import Crawl, Leak
from tests.defections.canary.finding import found_in
from tests.defections.canary.markers import (
    EVERY,
    MARKERS,
    ONLINE,
    PAPER,
    Given,
    item_keys_without_marker,
    value,
)
from tests.defections.canary.people import CITY, LOCAL, make_world
from tests.defections.canary.story import Case, Look, Story, everywhere, near, with_the_assembly
from tests.defections.canary.traces import Traces, broker_client, in_passing
from tests.defections.cases import call_hustings, make_case
from tests.defections.making import make_application, make_volunteer
from tests.defections.researching import fresh
from tests.factories import make_decision, make_member, make_person

# What the site takes out of files, refuses, or asks for elsewhere: not even the research is shown it.
SHOWN_TO_NOBODY = (
    *("pdf info", "pdf text", "jpeg exif", "jpeg comment", "png text", "account name"),
    *("refused file name", "refused scan name"),
)
# To whom a letter of the city's opens nothing: they were refused all of the case when it was being voted on.
OUTSIDE = {
    *("outsider", "barred member", "site staff", "resolutions"),
    *("volunteer not cleared", "volunteer whose clearance ran out"),
}
# Once accepted it takes part in the assemblies of its area: who acts for these sees it among those who take part.
NAME_OF_THE_ACCEPTED = ONLINE.named("name.given_name", "name.family_name")
SEARCHED = ONLINE.named(
    "name.family_name", "email"
)  # of which an account was made, which can be searched for


@pytest.mark.parametrize("given", [ONLINE, PAPER], ids=["online", "paper"])
def test_every_item_of_the_form_has_a_marker(given: Given) -> None:
    assert item_keys_without_marker(given) == set()
    assert given.copy < given.all


def test_no_two_pieces_have_a_marker_in_common() -> None:
    assert len(EVERY) == len(ONLINE.all) + len(PAPER.all)
    assert all(found_in(marker.value) == {marker.name} for marker in MARKERS.values())


@pytest.mark.django_db(transaction=True)
@pytest.mark.policy("D15", "D16", "D17", "D26")
def test_nobody_but_the_research_finds_what_is_not_for_them() -> None:
    story = Story(timezone.now())
    with story.traces.watched():
        online, paper = _until_the_hustings(story)
        _until_the_vote(story, online, paper)
        _until_the_letters(story, online, paper)
    for walker in story.walkers:
        assert in_passing(walker.seen) == set(), walker.person
    for case in (online, paper):
        assert story.read | case.applicant.shown >= case.given.all - case.given.named(*SHOWN_TO_NOBODY)
    report(story.leaks | story.traces.leaks)


def _until_the_hustings(story: Story) -> tuple[Case, Case]:
    """The one is with its assembly, the other in research, its copy made and not released."""
    with story.then(days=38):
        online = story.apply_online()
    with story.then(days=37):
        story.release(online, *story.research(online))
    with story.then(days=36):
        gathering = story.call_hustings(online, story.at - timedelta(days=17))
    with story.then(days=20):
        paper = story.apply_on_paper()
    with story.then(days=19):
        readers = story.research(paper)
    with story.then(days=17, minutes=-20):
        deciding.bar(story.walker(story.world.local.secretary), gathering, story.world.barred)
        story.crawl(Look("in research or at the hustings", [online, paper], _copies(online), near))
        story.traces.all_leaks()
        story.release(paper, *readers)
    return online, paper


def _until_the_vote(story: Story, online: Case, paper: Case) -> None:
    """The one is accepted, and the members vote on the other."""
    with story.then(days=17, minutes=-30):
        story.call_hustings(paper, story.at - timedelta(days=9))
    with story.then(days=8):
        for case in (online, paper):
            deciding.deliberate(story.walker(case.society.secretary), case.application)
    story.vote(online, 5, 0)
    story.vote(paper, 0, 5)
    story.end(online)
    allowed = _copies(online, paper)
    # An accepted applicant has an account like everybody: whoever keeps the accounts sees its name and address.
    allowed["superuser"] = ONLINE.account
    for who in ("secretary of the city", "general secretary"):
        allowed[who] = allowed.get(who, frozenset()) | NAME_OF_THE_ACCEPTED
    story.crawl(Look("accepted, or being voted on", [online, paper], allowed, everywhere, SEARCHED))


def _until_the_letters(story: Story, online: Case, paper: Case) -> None:
    story.end(paper)
    allowed = _copies(paper)
    allowed["secretary of the city"] |= NAME_OF_THE_ACCEPTED
    story.crawl(Look("after the letters", [paper], allowed, with_the_assembly, idle=OUTSIDE))
    story.traces.all_leaks(in_database=ONLINE.account)


def _copies(*cases: Case) -> dict[str, frozenset[str]]:
    """What the members of the deciding assemblies are given: their own copy; a secretary also the applicant's reply."""
    allowed: dict[str, frozenset[str]] = {}
    for case in cases:
        members, secretary = (LOCAL, "secretary") if case.given is ONLINE else (CITY, "secretary of the city")
        allowed |= dict.fromkeys(members, case.given.copy)
        allowed[secretary] |= case.given.named("another time")
    return allowed


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
    keys = keys_of([fresh(application)])
    is_near = partial(near, keys)
    addresses = dict.fromkeys(every_address(rows_there_are([fresh(application)])))
    about = [address for address in addresses if is_near(address)]
    leaks: set[Leak] = set()
    strangers = {"outsider": outsider, "superuser": make_person(is_staff=True, is_superuser=True)}
    for who, person in {**strangers, "research": make_volunteer(), "anonymous": None}.items():
        leaks |= Crawl(who, person, frozenset(), is_near, keys).run(about)
    report(leaks)


@pytest.mark.django_db(transaction=True)
def test_the_crawl_finds_what_leaks() -> None:
    world = make_world(timezone.now())
    secret, number = value("name.legal_family_name"), value("phones.home_phone")
    assembly, members = world.local.assembly, world.local.members
    decision = make_decision(assembly, members[0], title=f"About {secret}")
    talk.say(decision, by=members[1], at=timezone.now(), text="Call 01225 496 173, or on 29/11/1951")
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
        f"About {value('email')}", f"Dear {value('name.given_name')}", to=[value("email")]
    ).send()
    key = f"test:{made.pk}"
    broker_client().set(key, value("search"))
    try:
        leaks = traces.all_leaks()
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
        (leak.marker, leak.where.partition(":")[0]) for leak in traces.all_leaks([PAPER])
    }
    assert in_passing([f"/decisions/?q={value('question')}"]) == {"question"}
    told = CookieStorage(RequestFactory().get("/"))._encode([Message(20, f"Saved: {value('answer')}" * 9)])
    assert in_passing([f"cookie messages: {told}"]) == {"answer"}
