"""An accepted applicant is a member of the party at once (D24): joined to their account, or made one."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from assemblies import enrolment
from assemblies.errors import AssemblyError
from assemblies.models import Assembly
from decisions import defection
from decisions.models import Decision
from defections import cases
from defections.corrections import section_as_corrected
from defections.models import Application
from ledger import events
from members.models import Membership, Person

NO_ADDRESS = "no-address.invalid"  # no mail is ever sent there (RFC 2606)


@transaction.atomic
def take_up(*, decision: Decision, at: datetime) -> None:
    """Begins the membership as the decision is settled on acceptance; called by the clock's own transaction (D24).

    The person concerned does not get to read what was said on them by becoming a member.
    """
    application = Application.objects.select_for_update(of=("self",)).filter(decision=decision).first()
    if application is None or not defection.accepted(decision):
        return
    person = cases.account_of(application) or _make_account(application, at)
    application.person = decision.concerns = person
    application.save(update_fields=["person"])
    decision.save(update_fields=["concerns"])
    _begin(person, at)
    _settle_in(person, application, at)
    events.record("application.became_member", application, at=at, data={"person": str(person.pk)})


def _make_account(application: Application, at: datetime) -> Person:
    """An account without a password, entered by a code to the address; without an address nobody can enter it yet."""
    name = section_as_corrected(application, "name")
    called = f"{name.get('given_name', '')} {name.get('family_name', '')}".strip()
    address = application.email
    person: Person = Person.objects.create_user(
        address or f"{application.pk.hex}@{NO_ADDRESS}",
        None,
        name=called[:120] or application.reference,
        date_joined=at,
        is_active=bool(address),
    )
    events.record("person.made", person, at=at, data={"because": "accepted"})
    return person


def _begin(person: Person, at: datetime) -> None:
    """Sees to one membership in force: an ended or lapsed one is followed by a new one, never joined by a second.

    A suspension is not lifted by this: whoever imposed it does that.
    """
    person = enrolment.locked(person)
    running = person.memberships.filter(ended_at=None).first()
    if running is not None and running.is_in_force_at(at):
        return
    if running is not None and running.began_at > at:
        running.began_at = at
        running.save(update_fields=["began_at"])
    else:
        if running is not None:
            running.ended_at = running.lapses_at
            running.save(update_fields=["ended_at"])
        running = Membership.objects.create(person=person, began_at=at)
    events.record("membership.began", running, at=at, data={"person": str(person.pk)})


def _settle_in(person: Person, application: Application, at: datetime) -> None:
    """Their home becomes the constituency that they named, unless they have a home; and they are enrolled."""
    named = section_as_corrected(application, "society").get("constituency", "")
    home = Assembly.objects.open_at(at).filter(pk=named).first() if named else None
    if home is not None and home.is_constituency and enrolment.home_of(person, at) is None:
        with suppress(AssemblyError):  # closed since: they can choose another on their page
            enrolment.set_home(person, home, at=at)
            return
    enrolment.enrol(person, at=at)


@transaction.atomic
def take_back(application: Application, *, at: datetime) -> None:
    """Ends the membership that the acceptance began, for an applicant who withdraws before they were told of it."""
    decision, person = application.decision, application.person
    if decision is None or person is None or decision.settled_at is None:
        return
    begun = person.memberships.filter(Q(ended_at=None), began_at=decision.settled_at).first()
    if begun is not None:
        begun.ended_at = at
        begun.save(update_fields=["ended_at"])
        events.record("membership.ended", begun, at=at, data={"person": str(person.pk)})
