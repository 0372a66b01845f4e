"""Django admin answers about the columns that it shows, and about no others."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.db import connection, models
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assemblies.models import Assembly, Duty, Kind
from assemblies.scoped_admin import serves_anywhere
from decisions.models import Gathering
from harmony.admin import HarmonyAdminSite
from ledger import outbox
from ledger.models import Message
from members.models import Person
from tests.factories import (
    cast_vote,
    make_assembly,
    make_clearance,
    make_duty,
    make_member,
    make_members,
    make_open_ballot,
    make_participation,
    make_person,
    make_term,
)

pytestmark = pytest.mark.django_db

TABLES = sorted(admin.site._registry, key=lambda model: model._meta.label)
MOST_ASKED = {"secretary": 7, "general secretary": 13, "operations": 6, "superuser": 8}
LOOKUPS = ("", "__startswith", "__regex", "__gt", "__isnull", "__year")


def address(model: type[models.Model], page: str = "") -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{page}"


def columns(model: type[models.Model], depth: int = 2) -> Iterator[str]:
    """Every column of `model`, and of what it points to or is pointed to by, as lookups."""
    for field in model._meta.get_fields():
        if isinstance(field, models.Field):
            yield field.name
        related = field.related_model
        if depth > 1 and isinstance(related, type):
            yield from (f"{field.name}__{column}" for column in columns(related, depth - 1))


def filters(model: type[models.Model]) -> set[str]:
    """The columns by which its own filters and dates sort its list."""
    own = admin.site._registry[model]
    # A filter of our own is a class, and asks only what it offers.
    given = [one for one in own.list_filter if isinstance(one, str | tuple)]
    named = {one if isinstance(one, str) else one[0] for one in given}
    return named | {own.date_hierarchy or ""}


@pytest.fixture
def superuser(client: Client) -> Person:
    """Whoever may see every table: with all permissions, and acting for the assembly that reviews conduct."""
    person = make_person(is_staff=True, is_superuser=True)
    committee = make_assembly("Committee for Resolutions")
    make_duty(committee, Duty.Name.RESOLUTIONS)
    make_term(person, committee)
    client.force_login(person)
    return person


def test_only_tables_of_ours_are_there() -> None:
    assert {model._meta.app_label for model in TABLES} <= {
        *("auth", "assemblies", "ballots", "decisions", "defections", "ledger", "members")
    }
    assert not admin.site.is_registered(EmailAddress)
    assert not admin.site.is_registered(Authenticator)


def test_a_table_that_is_not_narrow_does_not_get_in() -> None:
    with pytest.raises(TypeError, match="NarrowAdmin"):
        HarmonyAdminSite().register(Message, admin.ModelAdmin)
    with pytest.raises(TypeError, match="NarrowAdmin"):
        HarmonyAdminSite().register(Message)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label_lower)
def test_no_list_is_filtered_by_a_column_that_it_has_no_filter_for(
    client: Client, superuser: Person, model: type[models.Model]
) -> None:
    own = admin.site._registry[model]
    for column in set(columns(model)):
        for lookup in LOOKUPS:
            if column in filters(model) and lookup in ("", "__isnull", "__year", "__gt"):
                continue
            assert not own.lookup_allowed(f"{column}{lookup}", "x", None), f"{column}{lookup}"
    for column in [field.name for field in model._meta.concrete_fields if field.name not in filters(model)]:
        answer = client.get(address(model), {f"{column}__startswith": "a"})
        assert answer.status_code == 400, column


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label_lower)
def test_no_row_is_found_by_another_column_than_its_key(
    client: Client, superuser: Person, model: type[models.Model]
) -> None:
    for field in model._meta.concrete_fields:
        expected = 400 if not field.primary_key else 200
        answer = client.get(address(model), {"_to_field": field.name, "_popup": "1"})
        assert answer.status_code == expected, field.name
        page = client.get(address(model, "0/change/"), {"_to_field": field.name})
        assert page.status_code in ((400,) if not field.primary_key else (302, 403)), field.name


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label_lower)
def test_search_and_order_reach_only_what_is_shown(model: type[models.Model]) -> None:
    own = admin.site._registry[model]
    shown = {*own.list_display, *(own.fields or ()), "name"}
    shown |= {name for _title, part in own.fieldsets or () for name in part["fields"]}
    for field in own.search_fields:
        first, _sep, rest = field.lstrip("^=@").partition("__")
        assert first in shown or model is Person, field
        assert rest in ("", "name", "title", "assembly__name"), field
    for name in own.list_display:
        column = getattr(getattr(own, str(name), None), "admin_order_field", name)
        assert column is None or column == name, name


@pytest.mark.parametrize(
    "query",
    [
        {"text__regex": "."},
        {"key__startswith": "ballot"},
        {"address__contains": "@"},
        {"sent_at__isnull": "True"},
    ],
)
def test_nobody_feels_for_the_text_of_a_mail(
    client: Client, superuser: Person, query: dict[str, str]
) -> None:
    assert client.get(address(Message), query).status_code == 400


@pytest.mark.parametrize(
    ("table", "query"),
    [
        ("participation", "person__password__startswith=a"),
        ("participation", "person__email__startswith=a"),
        ("participation", "person__date_of_birth_sealed__isnull=True"),
        ("participation", "person__suspensions__reason__contains=a"),
        ("participation", "began_at__gt=2020-01-01"),
        ("participation", "affirmed__contains=a"),
        ("assembly", "participations__person__email=a@example.org"),
        ("term", "person__email__startswith=s"),
        ("joinrequest", "affirmed__contains=a"),
        ("office", "terms__person__email__contains=a"),
        ("nesting", "member__participations__person__email__contains=a"),
    ],
)
def test_a_secretary_feels_for_nothing_hidden(
    client: Client, secretary: Person, table: str, query: str
) -> None:
    client.force_login(secretary)
    assert client.get(f"/admin/assemblies/{table}/?{query}").status_code == 400


def test_the_filters_that_are_shown_work(client: Client, assembly: Assembly, secretary: Person) -> None:
    client.force_login(secretary)
    for query in ("origin__exact=joined", "origin__exact=home", "assembly__kind__exact=society"):
        assert client.get(f"/admin/assemblies/participation/?{query}").status_code == 200
    answered = client.get("/admin/assemblies/joinrequest/?admitted_at__isempty=1")
    assert answered.status_code == 200
    assert "Not yet" in answered.content.decode()
    assert client.get("/admin/assemblies/assembly/?is_core__exact=0").status_code == 200


def test_the_filters_of_staff_work(client: Client, superuser: Person) -> None:
    for page in (
        "members/person/?is_staff__exact=1",
        "members/membership/?began_at__year=2020&began_at__month=1&began_at__day=1",
        "ledger/event/?subject_kind=members.person",
    ):
        assert client.get(f"/admin/{page}").status_code == 200, page


# --- Mails -------------------------------------------------------------------------------------------
def test_staff_cannot_see_who_was_reminded_or_who_asked_for_a_code(
    client: Client, superuser: Person, assembly: Assembly
) -> None:
    make_members(assembly, 3)
    ballot = make_open_ballot(assembly)
    voters = [entry.person for entry in ballot.roll.select_related("person")]
    cast_vote(ballot, voters[0], 5, 0, 0)
    now = timezone.now()
    outbox.queue_secret("code", "account/login_code", voters[0].email, "Your code", "    AAA-BBB", at=now)
    outbox.send_due(now)
    page = client.get(address(Message)).content.decode()
    for person in voters:
        assert person.email not in page
    assert "0 messages" in page
    for message in Message.objects.all():
        assert client.get(address(Message, f"{message.pk}/change/")).status_code == 302


def test_staff_see_that_a_mail_fails_but_not_which_or_to_whom(client: Client, superuser: Person) -> None:
    now = timezone.now()
    Message.objects.create(
        key="k",
        kind="ballots/mail/reminder",
        address="mary@unknown.example",
        subject="You have not voted",
        text="Vote.",
        queued_at=now,
        not_before=now,
        tries=2,
    )
    row = Message.objects.get()
    for page in (
        address(Message),
        address(Message, f"{row.pk}/change/"),
        address(Message, f"{row.pk}/history/"),
    ):
        text = client.get(page).content.decode()
        for hidden in ("mary@", "reminder", "You have not voted"):
            assert hidden not in text, page
    assert "m…@unknown.example" in client.get(address(Message)).content.decode()


# --- The second step ---------------------------------------------------------------------------------
@pytest.fixture
def _second_step_needed(settings: Any) -> None:
    settings.ADMIN_NEEDS_MFA = True


@pytest.mark.usefixtures("_second_step_needed")
@pytest.mark.parametrize("who", ["staff", "superuser", "secretary"])
def test_whoever_keeps_records_needs_a_second_step(client: Client, who: str, secretary: Person) -> None:
    person = {
        "staff": lambda: make_person(is_staff=True),
        "superuser": lambda: make_person(is_staff=True, is_superuser=True),
        "secretary": lambda: secretary,
    }[who]()
    client.force_login(person)
    for page in ("/admin/", "/admin/assemblies/assembly/"):
        response = client.get(page, follow=True)
        assert response.request["PATH_INFO"] == "/account/2fa/"
        assert "Records are open only to accounts that a second step guards." in response.content.decode()
    assert "/admin/" in client.get("/account/").content.decode()
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": ""})
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("_second_step_needed")
def test_recovery_codes_alone_are_no_second_step(client: Client) -> None:
    person = make_person(is_staff=True)
    Authenticator.objects.create(user=person, type=Authenticator.Type.RECOVERY_CODES, data={"seed": ""})
    client.force_login(person)
    assert client.get("/admin/").status_code == 302


@pytest.mark.usefixtures("_second_step_needed")
def test_a_second_step_alone_opens_nothing(client: Client, member: Person) -> None:
    Authenticator.objects.create(user=member, type=Authenticator.Type.TOTP, data={"secret": ""})
    client.force_login(member)
    assert client.get("/admin/", follow=True).status_code == 403


# --- Asking once what somebody may do -----------------------------------------------------------------
def _acting(kind: str, **fields: Any) -> Person:
    person = make_member()
    made = make_assembly(kind=kind, **fields)
    make_participation(person, made)
    make_term(person, made)
    return person


def _who_may_enter() -> dict[str, tuple[Person, str]]:
    """People of each sort, with a list of their own."""
    operations, group = make_member(), make_assembly(kind=Kind.WORKING_GROUP)
    make_duty(group, Duty.Name.OPERATIONS)
    make_participation(operations, group)
    make_clearance(operations, Duty.Name.OPERATIONS)
    return {
        "secretary": (_acting(Kind.SOCIETY), "assemblies/assembly/"),
        "general secretary": (_acting(Kind.PARTY), "defections/application/"),
        "operations": (operations, "defections/formrelease/"),
        "superuser": (make_person(is_staff=True, is_superuser=True), "assemblies/office/"),
    }


def _asked(person: Person, page: str) -> Counter[str]:
    """How often each thing was asked about terms and clearances to make the page, whatever the moment."""
    client = Client()
    client.force_login(person)
    with CaptureQueriesContext(connection) as found:
        assert client.get(page).status_code == 200
    about = [one["sql"] for one in found if re.search("assemblies_(term|clearance)", one["sql"])]
    return Counter(re.sub(r"'[0-9-]+ [0-9:.+]+'", "then", sql) for sql in about)


def test_a_page_does_not_ask_for_each_table_anew_what_its_person_may() -> None:
    # One each for being let in, for the tables of assemblies, for each table with rules of its own; not one a table.
    for who, (person, page) in _who_may_enter().items():
        asked = _asked(person, f"/admin/{page}")
        assert sum(asked.values()) <= MOST_ASKED[who], (who, asked)


def test_what_somebody_may_is_remembered_within_a_request_that_looks_and_nowhere_else() -> None:
    secretary = _acting(Kind.SOCIETY)

    def request(method: str) -> HttpRequest:
        made = RequestFactory().generic(method, "/admin/")
        made.user = secretary
        return made

    looking, changing = request("GET"), request("POST")
    assert serves_anywhere(looking)
    assert serves_anywhere(changing)
    secretary.terms.update(ended_at=timezone.now())
    assert serves_anywhere(looking)
    assert not serves_anywhere(changing)
    assert not serves_anywhere(request("GET"))
    looking.user = _acting(Kind.SOCIETY)
    assert serves_anywhere(looking)
    looking.user = make_person()
    assert not serves_anywhere(looking)


@pytest.mark.policy("P9")
def test_an_office_that_ends_while_a_page_is_open_closes_its_buttons(client: Client) -> None:
    secretary = _acting(Kind.SOCIETY)
    client.force_login(secretary)
    page = address(Gathering, "add/")
    assert client.get(page).status_code == 200
    secretary.terms.update(ended_at=timezone.now())
    assert (
        client.post(page, {"title": "Moot"}).status_code == 302
    )  # to log in, as anybody without business here
    assert client.get(page).status_code == 302
    assert not Gathering.objects.exists()
