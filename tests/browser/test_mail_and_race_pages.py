"""The pages that no walk passes: choosing and stopping mails, what one follows, and a race's lesser pages."""

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from assemblies.models import Assembly
from decisions import following
from members import mails
from members.mails import Stream
from members.models import Person
from tests.browser.conftest import Visitor
from tests.decisions.racing import make_office, stands
from tests.factories import make_decision, make_members
from tests.login import log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.mark.parametrize("width", [320, 1280])
def test_every_lesser_page_is_sound(
    chromium: Browser, live_server: LiveServer, assembly: Assembly, secretary: Person, width: int
) -> None:
    member = make_members(assembly, 1)[0]
    now = timezone.now()
    following.follow(make_decision(assembly, secretary), member, at=now)
    deputies = make_office(assembly, "deputy", seats=2)
    candidacy = stands(member, deputies, now)
    slug = assembly.slug
    client = Client()
    log_in(client, member)
    visitor = Visitor(chromium, live_server.url, width=width)
    visitor.take_over(client)
    stop = mails.stopping_address(member, Stream.CALLS).split("/account/")[-1]
    for name, address in {
        "mails": "/account/mails/",
        "mail-stop": f"/account/{stop}",
        "mail-stop-unknown": "/account/mails/stop/nonsense/",
        "following": "/decisions/following/",
        "candidacy": f"/decisions/candidacies/{candidacy.pk}/",
        "candidacy-change": f"/decisions/candidacies/{candidacy.pk}/change/",
        "declare-refused": f"/decisions/offices/{slug}/deputy/declare/",
        "stand-refused": f"/decisions/offices/{slug}/secretary/stand/",
        "resign-refused": f"/decisions/offices/{slug}/secretary/resign/",
    }.items():
        visitor.goto(address)
        assert "Page not found" not in visitor.page.inner_text("body"), address
        visitor.examine(name, targets=True)
    visitor.close()
