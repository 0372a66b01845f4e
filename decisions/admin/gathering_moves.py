"""The steps that a person takes with a gathering, for the admin's buttons. The rules are where the steps are."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly
from assemblies.moving_admin import Asked, Move
from decisions import conduct, gatherings, registration
from decisions.admin.forms import AttendanceForm, CallAnywhereForm
from decisions.admin.matter_moves import WHEN_AND_WHERE
from decisions.errors import BadProposal, NotEntitled
from decisions.gathering_forms import (
    BarForm,
    CallOffForm,
    ChairForm,
    ChangeForm,
    InviteForm,
    NotesForm,
    ProlongForm,
    WhenForm,
)
from decisions.models import Gathering, Registration
from members.models import Person


def _can_change(gathering: Gathering, person: Person, at: datetime) -> None:
    gatherings.require_changer(gathering, person, at)
    gatherings.refuse_unless_to_come(gathering)


def _is_before_the_end(gathering: Gathering, at: datetime) -> bool:
    return at < gathering.ends_at


def _has_begun(gathering: Gathering, at: datetime) -> bool:
    return gathering.starts_at <= at


# --- calling one ------------------------------------------------------------------------------------
def _can_call(_row: None, person: Person, at: datetime) -> None:
    if not Assembly.objects.served_by(person, at).exists():
        raise NotEntitled(_now("Only the assembly’s secretary or a deputy can call and change gatherings."))


def _call_form(asked: Asked) -> forms.Form:
    served = Assembly.objects.served_by(asked.person, asked.at) & Assembly.objects.open_at(asked.at)
    kind = Gathering.Kind.MOOT.value
    return CallAnywhereForm(
        asked.data, at=asked.at, assemblies=served.order_by("name"), initial={"kind": kind}
    )


def _call(_row: None, *, by: Person, at: datetime, assembly: Assembly, **given: Any) -> Gathering:
    values = {name: given[name] for name in WHEN_AND_WHERE}
    return gatherings.call_gathering(assembly, by=by, at=at, **values)


CALL = Move(
    "call",
    _("Call a gathering"),
    _(
        "For a gathering about no decision in particular; for one about a decision, start from that decision. "
        "Everybody taking part is told. All times are London times."
    ),
    _("The gathering is called, and people are being told."),
    _can_call,
    _call,
    _call_form,
)


# --- changing it ------------------------------------------------------------------------------------
def _move(
    gathering: Gathering, *, by: Person, at: datetime, starts_at: datetime, ends_at: datetime, **_boxes: Any
) -> None:
    gatherings.reschedule(gathering, by=by, at=at, starts_at=starts_at, ends_at=ends_at)


def _invite(
    gathering: Gathering,
    *,
    by: Person,
    at: datetime,
    email: Person | None,
    assembly: Assembly | None = None,
) -> None:
    """The form's `email` gives the person with the account of that address."""
    if assembly is not None:
        gatherings.invite_assembly(gathering, by=by, at=at, assembly=assembly)
    if email is not None:
        if gathering.invitations.filter(person=email).exists():
            raise BadProposal(_now("This person is invited already."))
        gatherings.invite_person(gathering, by=by, at=at, person=email)


def _chair_form(asked: Asked) -> forms.Form:
    gathering: Gathering = asked.row
    joined = gathering.registrations.in_force().values("person")
    acting = gathering.assembly.acting_at(asked.at).values("pk")
    people = gathering.people_at(asked.at)
    known = (people.filter(pk__in=joined) | people.filter(pk__in=acting)).order_by("name")
    return ChairForm(asked.data, people=known, initial={"chair": gathering.chair_id})


# --- in the room ------------------------------------------------------------------------------------
def _rows(gathering: Gathering) -> Any:
    return gathering.registrations.in_force().select_related("person").order_by("person__name")


def _came(gathering: Gathering, *, by: Person, at: datetime, came: Iterable[Registration]) -> None:
    registration.mark_attendance(gathering, by=by, at=at, came={row.person_id for row in came})


def _bar(gathering: Gathering, *, by: Person, at: datetime, email: Person, ground: str, reason: str) -> None:
    """The form's `email` gives the person with the account of that address."""
    conduct.bar(gathering, person=email, by=by, at=at, ground=ground, reason=reason)


MOVES = (
    Move(
        "held",
        _("Say that it was held"),
        _("Once it was held, its notes can be published, and a matter that it was on can be deliberated on."),
        _("Recorded: the gathering was held. Now publish its notes."),
        _can_change,
        gatherings.mark_held,
        fits=_has_begun,
    ),
    Move(
        "notes",
        _("Publish the notes"),
        _("Everybody who may see the gathering reads them."),
        _("The notes are published."),
        gatherings.require_note_keeper,
        gatherings.publish_notes,
        lambda asked: NotesForm(asked.data, initial={"text": asked.row.notes}),
        must_change=True,
        fits=lambda gathering, _at: gathering.held_at is not None,
    ),
    Move(
        "came",
        _("Mark who came"),
        _("Of those who have registered. People who are barred are not on the list."),
        _("Saved."),
        gatherings.require_conductor,
        _came,
        lambda asked: AttendanceForm(asked.data, rows=_rows(asked.row)),
        fits=lambda gathering, at: gathering.cancelled_at is None and _has_begun(gathering, at),
    ),
    Move(
        "bar",
        _("Bar somebody"),
        _(
            "At once they take no further part in this gathering, in the room or online: their questions, "
            "registration and link stop working. It goes to review, and they are told how to answer. It takes no "
            "vote away."
        ),
        _("The person is barred from this gathering. Print the door list again."),
        gatherings.require_conductor,
        _bar,
        lambda asked: BarForm(asked.data, person=None),
        fits=lambda gathering, _at: gathering.cancelled_at is None,
        warns=True,
    ),
    Move(
        "prolong",
        _("Let it run on"),
        _("For those who are there; nobody is written to."),
        _("The gathering runs on."),
        gatherings.require_conductor,
        gatherings.prolong,
        lambda asked: ProlongForm(asked.data),
        fits=lambda gathering, at: (
            gathering.cancelled_at is None
            and gathering.held_at is None
            and gathering.starts_at <= at < gathering.ends_at + timedelta(days=1)
        ),
    ),
    Move(
        "move",
        _("Move to another time"),
        _("Everybody asked or registered is told, and calendars follow. All times are London times."),
        _("The gathering is moved, and people are being told."),
        _can_change,
        _move,
        lambda asked: WhenForm(asked.data, at=asked.at, gathering=asked.row),
        must_change=True,
        fits=lambda gathering, at: at < gathering.starts_at,
    ),
    Move(
        "change",
        _("Change title, place or agenda"),
        _("People are told when the place changes."),
        _("Saved."),
        _can_change,
        gatherings.change,
        lambda asked: ChangeForm(asked.data, gathering=asked.row),
        must_change=True,
        fits=_is_before_the_end,
    ),
    Move(
        "invite",
        _("Invite"),
        _("One more assembly, or one person by name. They are written to."),
        _("Invited. A mail is on its way."),
        _can_change,
        _invite,
        lambda asked: InviteForm(asked.data, gathering=asked.row, at=asked.at),
        fits=_is_before_the_end,
    ),
    Move(
        "chair",
        _("Hand over the chair"),
        _("The chair lets questions through, bars, and keeps the door list."),
        _("The chair is handed over."),
        gatherings.require_conductor,
        gatherings.name_chair,
        _chair_form,
        must_change=True,
        fits=lambda gathering, at: gathering.is_open_at(at),
    ),
    Move(
        "call-off",
        _("Call off"),
        _("Everybody asked or registered is told why. It cannot be taken back."),
        _("The gathering is called off, and people are being told."),
        _can_change,
        gatherings.call_off,
        lambda asked: CallOffForm(asked.data),
        fits=_is_before_the_end,
        warns=True,
    ),
)
