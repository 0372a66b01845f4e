"""Two applications on their way, one online and one on paper, and everybody looking for them at each stage."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import time_machine
from django.urls import reverse
from django.utils import timezone

from decisions import calendars
from decisions.models import Gathering
from defections.models import Application
from harmony.clock import sweep
from members.models import Person
from tests.defections.canary import applying, deciding, entering, researching
from tests.defections.canary.addresses import every_address, keys_of, rows_there_are
from tests.defections.canary.crawling import Crawl, Leak
from tests.defections.canary.markers import ONLINE, PAPER, Given
from tests.defections.canary.people import Society, World, make_world
from tests.defections.canary.traces import Traces
from tests.defections.canary.walking import Walker
from tests.defections.making import make_release
from tests.defections.researching import fresh

Allowed = dict[str, frozenset[str]]
Reach = Callable[[set[str], str], bool]
LISTS = (
    *("/", "/decisions/", "/decisions/decisions.atom", "/decisions/decisions.json", "/decisions/gatherings/"),
    *("/applications/desk/", "/applications/routing/", "/applications/paper/", "/ballots/"),
    *("/admin/", "/admin/ledger/event/", "/admin/defections/application/", "/admin/decisions/decision/"),
)
# These try the admin, which is closed to them, page by page; it is closed to others by the same door. They and the
# superuser open each page of their own account, which are the same pages for everybody; others those of their mails.
TRY_CLOSED_DOORS = ("anonymous", "participant")
THOROUGH = (*TRY_CLOSED_DOORS, "superuser")
OF_ONESELF = ("/account/2fa/", "/account/email/", "/account/password/", "/account/login/", "/account/signup/")
NEVER_TO_THEM = (
    "check note",
    "contact note",
    "summary",
    "keep reason",
    "sent back",
)  # the applicants themselves


@dataclass
class Case:
    """One application: what is given, who decides, and the applicant's browser."""

    given: Given
    society: Society
    application: Application
    applicant: Walker = field(default_factory=Walker)


@dataclass(frozen=True)
class Look:
    """At which stage everybody looks at which cases, wherever `reach` says, given their keys and an address.

    With `words` they search for these, and send forms to all that opens to them. In `idle` are those to whom this
    stage opens nothing that another does not.
    """

    stage: str
    cases: list[Case]
    allowed: Allowed
    reach: Reach
    words: Collection[str] = ()
    idle: Collection[str] = ()


class Story:
    """`at` is now, and each step takes place at it or before."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        with self.then(days=40):
            make_release()
            self.world: World = make_world(timezone.now())
        self.traces = Traces()
        self.leaks: set[Leak] = set()
        self.walkers: list[Walker] = []
        self.clerk: Walker | None = None  # who enters what came on paper
        self.read: set[str] = set()  # what the research, the secretaries and the clerk were shown

    def then(self, **before: float) -> time_machine.travel:
        """The time so long before now."""
        return time_machine.travel(self.at - timedelta(**before))

    def walker(self, person: Person | None = None) -> Walker:
        """Somebody of the world at a browser, or an applicant."""
        made = Walker(person)
        self.walkers.append(made)
        return made

    # --- steps ----------------------------------------------------------------------------------------
    def apply_online(self) -> Case:
        """The form is filled in and sent by the applicant."""
        applicant = self.walker()
        applicant.enter(ONLINE("email"))
        applying.fill_in(applicant, ONLINE, self.world.local.assembly)
        applying.attach(applicant, ONLINE)
        applying.send(applicant)
        return Case(ONLINE, self.world.local, Application.objects.get(), applicant)

    def apply_on_paper(self) -> Case:
        """The form came by post, and one of the general secretary's people enters it."""
        self.clerk = self.walker(self.world.general)
        made = entering.enter(self.clerk, PAPER, self.world.elsewhere)
        self.read |= self.clerk.shown
        return Case(PAPER, self.world.city, made, self.walker())

    def research(self, case: Case) -> tuple[Walker, Walker]:
        """A volunteer checks everything and makes the copy; gives them and who is to release it."""
        desk, second = self.walker(self.world.volunteer), self.walker(self.world.second)
        case.applicant.enter(case.given("email"))
        researching.check(desk, case.given, case.application, case.applicant)
        researching.make_copy(desk, case.given, case.application)
        return desk, second

    def release(self, case: Case, desk: Walker, second: Walker) -> None:
        """A second reader releases the copy, and so the case is with its assembly."""
        researching.release(desk, second, case.given, case.application)
        self.read |= desk.shown | second.shown
        assert deciding.decision_of(case.application).assembly == case.society.assembly

    def call_hustings(self, case: Case, starts_at: datetime) -> Gathering:
        """The secretary calls it, and the applicant answers: first with a wish, which the secretary reads."""
        secretary = self.walker(case.society.secretary)
        called = deciding.call_hustings(secretary, case.application, starts_at)
        case.applicant.enter(case.given("email"))
        deciding.ask_for_another_time(case.applicant, case.given)
        secretary.get(deciding.decision_of(case.application).get_absolute_url())
        deciding.accept(case.applicant)
        secretary.get(called.get_absolute_url())
        self.read |= secretary.shown
        return called

    def vote(self, case: Case, *scores: int) -> None:
        """The deliberation is over; each member votes."""
        assert sweep(timezone.now()) == []
        ballot = deciding.open_ballot(case.application)
        for person in case.society.members:
            deciding.vote(self.walker(person), ballot, *scores)

    def end(self, case: Case) -> None:
        """The votes are counted, and the letter is sent."""
        deciding.count(case.application)
        deciding.write(self.walker(case.society.secretary), case.application)

    # --- looking --------------------------------------------------------------------------------------
    def crawl(self, look: Look) -> None:
        """Everybody looks, each with what they are allowed to see."""
        self.traces.is_paused = True
        applications = [fresh(case.application) for case in look.cases]
        keys = keys_of(applications)
        is_wanted = partial(look.reach, keys)
        everything = list(dict.fromkeys(every_address(rows_there_are(applications))))
        addresses = [one for one in everything if is_wanted(one)]
        cases_own = [one for one in addresses if not one.startswith(OF_ONESELF)]
        for who, person in self.world.crowd.items():
            if who in look.idle:
                continue
            allowed = look.allowed.get(who, frozenset())
            crawl = Crawl(f"{look.stage}, {who}", person, allowed, is_wanted, keys)
            crawl.tries_closed_doors = who in TRY_CLOSED_DOORS
            if person == self.world.general and self.clerk is not None:
                crawl.client = self.clerk.client
            own = addresses if who in THOROUGH else cases_own
            self._run(crawl, [*own, *_feed_of(person)], look.words)
        for case in look.cases:
            self._crawl_as_applicant(look, case, everything)
        self.traces.is_paused = False

    def _crawl_as_applicant(self, look: Look, case: Case, addresses: list[str]) -> None:
        """In the applicant's browser: theirs is what they gave, and nothing of the other's or of the research's."""
        case.applicant.enter(case.given("email"))
        theirs = case.given.all - case.given.named(*NEVER_TO_THEM)
        crawl = Crawl(f"{look.stage}, applicant {case.given.prefix}", None, theirs, _is_of_this_app)
        crawl.client = case.applicant.client
        self._run(crawl, [one for one in addresses if _is_of_this_app(one)], look.words)

    def _run(self, crawl: Crawl, addresses: list[str], words: Collection[str]) -> None:
        self.leaks |= crawl.run(addresses, words=words, is_sending=bool(words))
        assert crawl.faults == {}, crawl.who


def _feed_of(person: Person | None) -> list[str]:
    feeds = person.feeds.all() if person else ()
    return [reverse("decisions:calendar_feed", args=[calendars.address_of(feed)]) for feed in feeds]


def _is_of_this_app(address: str) -> bool:
    return address.startswith("/applications/")


# --- Where they look ----------------------------------------------------------------------------------
def everywhere(_keys: set[str], _address: str) -> bool:
    """The whole site and the whole admin."""
    return True


def near(keys: set[str], address: str) -> bool:
    """Whatever is about a case: it names one of its rows, or lists them."""
    return address in LISTS or any(key in address for key in keys)


def with_the_assembly(keys: set[str], address: str) -> bool:
    """As `near`, but for the desk, which has nothing to do with the case any more."""
    return near(keys, address) and not address.startswith("/applications/desk/")
