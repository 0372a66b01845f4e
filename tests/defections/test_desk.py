"""The research desk's rules: who opens what, claims, the checklist, contacts, questions, the outcome (D16)."""

import pytest
from django.utils import timezone

from defections.models import Application
from defections.stages import Stage, stage_of
from tests.defections.making import make_application, make_constituency
from tests.defections.researching import make_terms, release

pytestmark = pytest.mark.django_db
T = timezone.now()


@pytest.fixture
def application() -> Application:
    constituency = make_constituency()
    make_terms(constituency)
    return make_application(constituency=constituency, email="rowan@example.org")


def test_the_whole_way_to_the_release(application: Application) -> None:
    done = release(application, T)
    assert done.copy.released_at
    assert stage_of(done) is Stage.ASSEMBLY
    assert done.copy.content["office.body"] == "Bath and North East Somerset Council"
    assert "phones.home_phone" not in done.copy.content
