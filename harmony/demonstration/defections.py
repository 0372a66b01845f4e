"""The demonstration's defections: who is cleared, the form, which assemblies decide, and the applications."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import F

from assemblies import clearances
from assemblies.models import Assembly, Duty
from defections import releases, routing
from defections.models import FormRelease
from defections.office import demonstration
from harmony.demonstration import cases
from harmony.demonstration.decisions import Party
from harmony.demonstration.people import DOMAIN
from harmony.time import london_day
from ledger.models import Message
from members.models import Person

_CLEARED = {"robin": Duty.Name.OPERATIONS, "ivy": Duty.Name.RESEARCH, "theo": Duty.Name.RESEARCH}
_SHOWN_DAYS = 45  # mails to applicants that are younger are still to be sent, so that the mailbox shows them
_TO_APPLICANTS = tuple(
    f"defections/mail/{what}" for what in ("received", "asked", "hustings_invited", "letter", "withdrawn")
)


def load(people: Mapping[str, Person], *, since: datetime, at: datetime) -> None:
    """Sets them up as of `at`, as `decisions.load` does with other matters.

    The mails to the party's people count as sent in their time, and so do the older ones to applicants.
    """
    by = {name: people[f"{name}@{DOMAIN}"] for name in ("ada", "gail", "priya", *_CLEARED)}
    _clear(by, since + timedelta(days=1))
    release = _publish(by["robin"], since + timedelta(days=2))
    _set_terms(by, since + timedelta(days=3))
    cases.tell(Party(people, london_day(at)), release, since + timedelta(days=3))
    mails = Message.objects.filter(kind__startswith="defections/mail/", sent_at=None)
    recent = mails.filter(kind__in=_TO_APPLICANTS, queued_at__gt=at - timedelta(days=_SHOWN_DAYS))
    older = mails.exclude(pk__in=recent.values("pk"))
    older.filter(is_secret=True).update(sent_at=F("queued_at"), sealed=None, text="")
    older.update(sent_at=F("queued_at"))
    Message.objects.filter(kind__startswith="decisions/mail/", sent_at=None).update(sent_at=F("queued_at"))
    Message.objects.filter(kind__startswith="ballots/mail/", queued_at__lt=at, sent_at=None).update(
        sent_at=F("queued_at")
    )


def _clear(by: Mapping[str, Person], at: datetime) -> None:
    """Site staff clear one of the Operational and two of the Research Working Group."""
    for name, duty in _CLEARED.items():
        clearances.grant(
            by[name],
            duty,
            by=by["ada"],
            at=at,
            reason="Two references and a video call with the passport shown (invented).",
        )


def _publish(maker: Person, at: datetime) -> FormRelease:
    """The release that applications are made on."""
    release = releases.draft(by=maker, at=at)
    release.released_on, release.is_demonstration = london_day(at), True
    release.kernel, release.principles = demonstration.KERNEL, demonstration.PRINCIPLES
    releases.change(release, demonstration.PASSAGES, by=maker, at=at)
    releases.publish(release, by=maker, at=at)
    release.refresh_from_db()
    return release


def _set_terms(by: Mapping[str, Person], at: datetime) -> None:
    """Leeds and Bristol decide; one constituency says what it asks, but lacks the people to decide."""
    for slug, who, decides, links, months in (
        ("leeds-city", "priya", True, "Work, family or volunteering anywhere in the city.", 12),
        ("bristol-city", "gail", True, "Somebody here who would vouch for you, and a reason to stay.", None),
        ("exeter-constituency", "gail", False, "Two years of anything that keeps you in Exeter.", 24),
    ):
        assembly = Assembly.objects.get(slug=slug)
        routing.set_terms(assembly, by=by[who], at=at, decides=decides, links=links, residence_months=months)
