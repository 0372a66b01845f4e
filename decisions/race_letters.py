"""What people are told of a race at once, each once: what has a date that they could miss, or is about themselves.

All else that happens to it, and its result, stands in the digest of those who take part.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from assemblies.models import Office, Term
from decisions.models import Candidacy, Decision, Race
from ledger import outbox
from members import mails
from members.mails import Always, Stream
from members.models import Person

_FOLDER = "decisions/mail"
mails.classify(
    _FOLDER,
    {
        "race_declared": Stream.RACES,
        "race_stood": Always.OFFICE,
        "race_nominations_ended": Always.OFFICE,
        "race_ruled_out": Always.OFFICE,
        "race_lapsed": Always.OFFICE,
        "race_elected": Always.OFFICE,
        "race_not_elected": Always.OFFICE,
        "race_not_seated": Always.OFFICE,
        "race_ending": Always.OFFICE,
    },
)


def office_page(office: Office) -> str:
    """The address of the page on which one stands for the office."""
    return settings.SITE_URL + reverse("decisions:office_stand", args=[office.assembly.slug, office.role])


def key_of(what: str, decision: Decision, person: Person, key: str = "") -> str:
    """The outbox key of what was told of a race to this person: what is queued under it was told already."""
    return f"race_{what}:{decision.pk}:{key}:{person.pk}"


def queue_declared(race: Race, *, at: datetime) -> None:
    """Tells everybody taking part that nominations are open, until when, and that anyone can stand."""
    people = race.decision.participants_at(at)
    if race.decision.proposed_by is not None:
        people = people.exclude(pk=race.decision.proposed_by.pk)
    _queue("declared", race, people, at, stand=office_page(race.office))


def queue_stood(candidacy: Candidacy, *, at: datetime) -> None:
    """Confirms to the candidate that they stand, and what happens next."""
    own = settings.SITE_URL + reverse("decisions:candidacy_detail", args=[candidacy.pk])
    _queue("stood", candidacy.race, [candidacy.person], at, key=str(candidacy.pk), own=own)


def queue_ended(race: Race, standing: Sequence[Candidacy], *, at: datetime) -> None:
    """Tells whoever stands who else does, and what comes next."""
    _queue(
        "nominations_ended",
        race,
        [one.person for one in standing],
        at,
        names=[one.person.name for one in standing],
        is_contested=len(standing) > race.seats,
    )


def queue_ruled_out(candidacy: Candidacy, race: Race, *, at: datetime) -> None:
    """Tells the candidate that they no longer stand, and why; nobody whose account is closed."""
    if not candidacy.person.is_active:
        return
    reasons = race.office.assembly.reasons_against(candidacy.person, at)
    _queue("ruled_out", race, [candidacy.person], at, key=str(candidacy.pk), reasons=reasons)


def queue_lapsed(race: Race, *, at: datetime) -> None:
    """Tells whoever acts for the assembly that nobody stands, and that anyone can still apply."""
    people = race.office.assembly.acting_at(at)
    _queue("lapsed", race, people, at, stand=office_page(race.office))


def queue_results(race: Race, standing: Sequence[Candidacy], *, at: datetime) -> None:
    """Tells each candidate how it ended."""
    for candidacy in standing:
        what = "elected" if candidacy.elected_at is not None else "not_elected"
        if what == "not_elected" and candidacy.option is not None and candidacy.option.won_at is not None:
            what = "not_seated"
        _queue(what, race, [candidacy.person], at, key=str(candidacy.pk), term=candidacy.term)


def queue_ending(race: Race, terms: Iterable[Term], *, at: datetime) -> None:
    """Tells whoever serves that their term is about to end, and that they can stand again."""
    for term in terms:
        if term.person is not None:
            _queue(
                "ending", race, [term.person], at, key=str(term.pk), term=term, stand=office_page(race.office)
            )


def _queue(
    what: str, race: Race, people: Iterable[Person], at: datetime, *, key: str = "", **more: object
) -> None:
    decision, kind = race.decision, f"{_FOLDER}/race_{what}"
    shared = {
        "race": race,
        "decision": decision,
        "assembly": decision.assembly,
        "role": race.office.get_role_display(),
        "page": settings.SITE_URL + decision.get_absolute_url(),
        **more,
    }
    outbox.queue(
        (
            mails.letter(key_of(what, decision, person, key), kind, person, {**shared, "person": person})
            for person in mails.willing(people, kind)
        ),
        at=at,
    )
