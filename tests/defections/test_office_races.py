"""Two at once, on connections of their own: erasing against a hold, two sweeps, two publications."""

import pytest
from django.utils import timezone

from assemblies.models import Duty
from defections import erasure, holds, releases, retention
from defections.erasure import Because
from defections.errors import DefectionError, WrongMoment
from defections.models import Application, FormRelease, Hold
from harmony.time import london_day, months_later
from ledger.models import Event
from tests.at_once import at_once
from tests.defections.making import SENT_AT, make_application, make_release, make_volunteer
from tests.defections.test_retention import decline

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
