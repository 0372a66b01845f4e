"""Two at once, on connections of their own: erasing against a hold, two sweeps, two publications, two answers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assemblies.models import Duty
from decisions import gatherings
from defections import erasure, holds, hustings, releases, retention, withdrawal
from defections.erasure import Because
from defections.errors import DefectionError, WrongMoment
from defections.models import Application, FormRelease, Hold, HustingsInvitation
from harmony.time import london_day, months_later
from ledger.models import Event
from tests.at_once import at_once, in_turn
from tests.defections.cases import T0, call_hustings, decision_of, make_case
from tests.defections.making import SENT_AT, make_application, make_release, make_volunteer
from tests.defections.test_retention import decline
from tests.factories import make_assembly, make_member, make_term

pytestmark = pytest.mark.django_db(transaction=True)


def test_either_the_hold_or_the_erasing_wins_and_never_both() -> None:
    application, keeper = decline(make_application()), make_volunteer(Duty.Name.OPERATIONS)
    now = timezone.now()
    at_once(
        [
            lambda: holds.place(application, by=keeper, at=now, reason="Order"),
            lambda: erasure.erase(application, at=now, because=Because.REQUEST),
        ],
        DefectionError,
    )
    row = Application.objects.get()
    assert (row.erased_at is not None) != Hold.objects.filter(lifted_at=None).exists()


def test_two_sweeps_erase_once() -> None:
    decline(make_application())
    at = months_later(SENT_AT, 6)
    at_once([lambda: retention.erase_due(at)] * 4, DefectionError)
    assert Application.objects.get().erased_at == at
    assert Event.objects.filter(verb="application.erased").count() == 1


def test_an_answer_to_an_invitation_and_the_withdrawal_come_one_after_the_other() -> None:
    assembly, secretary = make_assembly("Bath"), make_member()
    make_term(secretary, assembly)
    application = make_case(assembly)
    call_hustings(application, secretary)
    invitation = HustingsInvitation.objects.get()

    def withdraw() -> None:
        withdrawal.withdraw(application, at=T0)

    def answer(reply: str, **more: object) -> None:
        hustings.answer(invitation, reply, at=T0, **more)  # type: ignore[arg-type]

    _coming, refused = in_turn(
        decision_of(application), [withdraw, lambda: answer("accepted", accepts_code=True)], DefectionError
    )
    assert isinstance(refused, WrongMoment)
    assert "is over" in str(refused)
    assert HustingsInvitation.objects.get().reply == ""

    other = make_case(assembly)
    gathering = call_hustings(other, secretary)
    invitation = HustingsInvitation.objects.get(gathering=gathering)
    moved = gathering.starts_at + timedelta(days=1)
    first, second, third = in_turn(
        decision_of(other),
        [
            lambda: answer("another_time", message="On Thursday"),
            lambda: answer("accepted", accepts_code=True),
            lambda: gatherings.reschedule(
                gathering, by=secretary, at=T0, starts_at=moved, ends_at=moved + timedelta(hours=2)
            ),
        ],
        DefectionError,
    )
    assert (first, second, third) == (None, None, None)
    row = HustingsInvitation.objects.get(pk=invitation.pk)
    assert (row.starts_at, row.reply, row.message_sealed, row.accepted_code_at) == (moved, "", None, None)
    answered = Event.objects.filter(verb="application.invitation_answered").order_by("pk")
    assert [event.data["reply"] for event in answered] == ["another_time", "accepted"]


def test_two_publications_of_one_draft_publish_it_once() -> None:
    maker, now = make_volunteer(Duty.Name.OPERATIONS), timezone.now()
    make_release()
    made = at_once([lambda: releases.draft(by=maker, at=now)] * 3, DefectionError)
    assert sorted(release.number for release in made) == [2, 3, 4]
    draft = FormRelease.objects.get(number=2)
    draft.released_on = london_day(now)
    releases.change(draft, {}, by=maker, at=now)
    answers = at_once([lambda: releases.publish(draft, by=maker, at=now)] * 3, DefectionError)
    assert sum(isinstance(answer, WrongMoment) for answer in answers) == 2
    assert Event.objects.filter(verb="form_release.published").count() == 1
