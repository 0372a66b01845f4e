"""The admin in real Chromium, as a secretary sees it on a phone and at a desk; every page examined."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from assemblies.models import Assembly
from decisions import calls
from members.models import Person
from tests.browser.conftest import Visitor
from tests.decisions.climbing import called, met
from tests.factories import make_decision
from tests.login import log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture(params=[320, 1280])
def visitor(request: pytest.FixtureRequest, chromium: Browser, live_server: LiveServer) -> Iterator[Visitor]:
    made = Visitor(chromium, live_server.url, width=request.param)
    yield made
    made.close()


@pytest.mark.policy("P9")
def test_a_secretary_finds_what_waits_and_calls_for_consensus(
    visitor: Visitor, assembly: Assembly, secretary: Person, member: Person
) -> None:
    talked = make_decision(assembly, member, title="Which fruit do we plant in the long bed behind the hall?")
    open_call = called(make_decision(assembly, member, title="A new roof"), secretary)
    calls.take_position(open_call, member, "object", reason="It is too dear for us.", at=timezone.now())
    _matter, moot = met(assembly, secretary, title="The hedge")
    client = Client()
    log_in(client, secretary)
    cookies = [{"name": c.key, "value": c.value, "url": visitor.site} for c in client.cookies.values()]
    visitor.context.add_cookies(cookies)
    visitor.goto("/admin/")
    visitor.examine("admin-first-page")
    visitor.page.get_by_role("link", name=talked.title).first.click()
    visitor.examine("admin-decision")
    visitor.page.get_by_role("link", name="Call for consensus", exact=True).click()
    visitor.page.get_by_label("Apples").check()
    visitor.examine("admin-call")
    visitor.page.get_by_role("button", name="Call for consensus").click()
    visitor.examine("admin-decision-called")
    assert talked.calls.get().called_by == secretary
    for page in (
        *(
            "decision/",
            f"decision/{open_call.decision.pk}/change/",
            "gathering/",
            f"gathering/{moot.pk}/change/",
        ),
        *("gathering/add/", "comment/", "question/", "task/"),
    ):
        visitor.goto(f"/admin/decisions/{page}")
        visitor.examine(f"admin-{page.split('/')[0]}-{page.count('/')}")
    for page in (f"assembly/{assembly.pk}/change/", "joinrequest/"):
        visitor.goto(f"/admin/assemblies/{page}")
        visitor.examine(f"admin-{page.split('/')[0]}")
