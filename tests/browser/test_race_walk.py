"""A race in real Chromium: an application opens it, its page shows who stands, every page examined."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from assemblies.models import Assembly
from decisions.models import Candidacy
from members.models import Person
from tests.browser.conftest import Visitor
from tests.browser.hands import follow, press
from tests.decisions.racing import make_office, stands
from tests.factories import make_person, make_term
from tests.login import log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.mark.policy("A14")
@pytest.mark.parametrize("screen", [(320, False), (320, True), (1280, True)])
def test_an_application_to_a_vacancy_from_the_assembly_s_page_to_the_race_s(
    chromium: Browser,
    live_server: LiveServer,
    assembly: Assembly,
    outsider: Person,
    screen: tuple[int, bool],
) -> None:
    make_office(assembly)
    deputies = make_office(assembly, "deputy", seats=2)
    make_term(outsider, assembly, "deputy", ends_at=timezone.now() + timedelta(days=200))
    client = Client()
    log_in(client, outsider)
    visitor = Visitor(chromium, live_server.url, width=screen[0], scripts=screen[1])
    visitor.take_over(client)
    visitor.goto("/assemblies/")
    visitor.examine("race-directory")
    visitor.goto(assembly.get_absolute_url())
    visitor.examine("race-assembly", targets=True)
    follow(visitor, "Apply to be Secretary")
    press(visitor, "Continue")
    assert visitor.page.get_by_role("link", name="Say why you stand").count() == 1
    visitor.examine("race-form-errors", targets=True)
    visitor.page.get_by_label("Why do you stand?").fill("I keep *notes*.\n\n- on time\n- in plain words")
    visitor.page.get_by_label("I accept the Ethical Kernel").check()
    press(visitor, "Continue")
    visitor.examine("race-check", targets=True)
    press(visitor, "Change")
    assert "I keep *notes*." in visitor.page.get_by_label("Why do you stand?").input_value()
    press(visitor, "Continue")
    press(visitor, "Stand")
    visitor.examine("race-standing", targets=True)
    candidacy = Candidacy.objects.get()
    stands(
        make_person("Una Other"),
        candidacy.race.office,
        timezone.now(),
        "I would call a gathering each month.",
    )
    follow(visitor, "See the race")
    visitor.examine("race-page")
    visitor.goto(assembly.get_absolute_url())
    visitor.examine("race-assembly-running")
    visitor.goto("/")
    visitor.examine("race-home")
    visitor.goto(f"/decisions/offices/{assembly.slug}/{deputies.role}/resign/")
    visitor.examine("race-resign", targets=True)
    visitor.goto(f"/decisions/candidacies/{candidacy.pk}/withdraw/")
    visitor.examine("race-withdraw", targets=True)
    visitor.close()
