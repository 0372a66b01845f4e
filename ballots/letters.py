"""What voters and operators are told of a ballot, each once. No letter holds scores, counts or trackers."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.urls import reverse

from ballots.models import Ballot, RollEntry
from ballots.outcome import winners_sentence
from ledger import outbox
from ledger.outbox import Letter
from members import mails
from members.mails import Always, Stream
from members.models import Person

_LINK_SALT = "ballots.link"
_FOLDER = "ballots/mail"
mails.classify(
    _FOLDER,
    {
        "opened": Always.VOTE,
        "result": Always.VOTE,
        "reminder": Stream.REMINDERS,
        "stopped": Always.OFFICE,
        "refused": Always.OFFICE,
    },
)


def voting_link(ballot: Ballot, entry: RollEntry) -> str:
    """This voter's link to the voting page. It is not enough to vote: they must log in as well."""
    token = signing.dumps(str(entry.pk), salt=_LINK_SALT)
    return f"{_page(ballot, 'ballots:ballot_vote')}?link={token}"


def link_belongs_to(token: str, entry: RollEntry) -> bool:
    """Whether `token` came from the link that this voter was sent."""
    try:
        named: str = signing.loads(token, salt=_LINK_SALT)
    except signing.BadSignature:
        return False
    return named == str(entry.pk)


def queue_opening(ballot: Ballot, entries: Iterable[RollEntry], *, at: datetime) -> None:
    """Tells everybody on the roll that the ballot is open, with the digests of the definition and the roll."""
    outbox.queue(_to_voters("opened", ballot, entries), at=at)


def queue_reminder(ballot: Ballot, *, at: datetime) -> None:
    """Reminds those who have not voted, once; nobody who has turned that off."""
    outbox.queue(_to_voters("reminder", ballot, _entries(ballot).filter(envelope=None)), at=at)


def queue_result(ballot: Ballot, *, at: datetime) -> None:
    """Tells everybody on the roll who won, with the digest of the published result."""
    winners = winners_sentence(ballot)
    outbox.queue(_to_voters("result", ballot, _entries(ballot), winners=winners), at=at)


def queue_alarm(ballot: Ballot, *, at: datetime) -> None:
    """Tells the site's superusers that a count stopped."""
    context: dict[str, object] = {
        "ballot": ballot,
        "page": settings.SITE_URL + reverse("admin:ballots_ballot_change", args=[ballot.pk]),
    }
    people = Person.objects.filter(is_superuser=True, is_active=True)
    outbox.queue(
        (
            mails.letter(
                f"ballot_stopped:{ballot.pk}:{at.isoformat()}:{person.pk}",
                f"{_FOLDER}/stopped",
                person,
                context,
            )
            for person in people
        ),
        at=at,
    )


def queue_refusal(ballot: Ballot, issues: list[str], *, at: datetime) -> None:
    """Tells whoever set the ballot up that it could not open, and why, once."""
    person = ballot.set_up_by
    if person is None:
        return
    context: dict[str, object] = {
        "ballot": ballot,
        "issues": issues,
        "page": settings.SITE_URL + reverse("admin:ballots_ballot_change", args=[ballot.pk]),
    }
    outbox.queue(
        [mails.letter(f"ballot_refused:{ballot.pk}:{at.isoformat()}", f"{_FOLDER}/refused", person, context)],
        at=at,
    )


def _entries(ballot: Ballot) -> QuerySet[RollEntry]:
    return ballot.roll.select_related("person").defer("envelope")


def _to_voters(what: str, ballot: Ballot, entries: Iterable[RollEntry], **more: object) -> Iterator[Letter]:
    shared = {
        "ballot": ballot,
        "assemblies": ballot.assemblies(),
        "page": _page(ballot, "ballots:ballot_detail"),
        **more,
    }
    kind = f"{_FOLDER}/{what}"
    muting = mails.muting(kind)
    for entry in entries:
        if entry.person_id not in muting:
            context = {**shared, "entry": entry, "voting_link": voting_link(ballot, entry)}
            yield mails.letter(f"ballot_{what}:{entry.pk}", kind, entry.person, context)


def _page(ballot: Ballot, name: str) -> str:
    return settings.SITE_URL + reverse(name, args=[ballot.pk])
