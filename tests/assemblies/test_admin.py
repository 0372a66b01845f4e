"""The admin: site staff by permission, secretaries for their own assemblies and nothing else."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assemblies import joining
from assemblies.models import Assembly, JoinRequest, Kind, Nesting, Office, Participation, Term
from ledger.models import Event
from members.models import Person
from tests.assemblies.conftest import Country
from tests.factories import make_assembly, make_member, make_participation, make_person, make_term

pytestmark = pytest.mark.django_db

TABLES = ("assembly", "nesting", "office", "term", "participation", "joinrequest")
EMPTY = {"nestings_up-TOTAL_FORMS": "0", "nestings_up-INITIAL_FORMS": "0"}


@pytest.fixture
def staff(client: Client) -> Person:
    """Site staff who may do everything, logged in."""
    person = make_person("Ada Admin", is_staff=True, is_superuser=True)
    client.force_login(person)
    return person


def fields_of(assembly: Assembly, **changed: object) -> dict[str, str]:
    """What the form of an assembly sends."""
    values = {
        "name": assembly.name,
        "remit": assembly.remit,
        "voting_days": assembly.voting_days,
        "quorum": 3,
        "cooling_off_days": 5,
        "deliberation_days": 7,
        **changed,
    }
    return {**EMPTY, **{name: str(value) for name, value in values.items()}}


@pytest.mark.parametrize("table", TABLES)
def test_participants_and_members_have_no_business_there(client: Client, member: Person, table: str) -> None:
    client.force_login(member)
    response = client.get(f"/admin/assemblies/{table}/")
    assert response.status_code == 302
    assert "/admin/login/" in response["Location"]


@pytest.mark.parametrize("table", TABLES)
def test_staff_without_permission_see_nothing(client: Client, table: str) -> None:
    client.force_login(make_person(is_staff=True))
    assert client.get(f"/admin/assemblies/{table}/").status_code == 403


@pytest.mark.parametrize("table", TABLES)
def test_a_secretary_sees_the_rows_of_their_own_assembly_only(
    client: Client, assembly: Assembly, secretary: Person, table: str
) -> None:
    other = make_assembly("Foreign Society")
    make_participation(make_person("Frieda Foreign"), other)
    make_term(make_member("Fritz Foreign"), other)
    client.force_login(secretary)
    page = client.get(f"/admin/assemblies/{table}/").content.decode()
    assert "Foreign" not in page
    response = client.get(f"/admin/assemblies/assembly/{other.pk}/change/")
    assert response.status_code == 302
    if table == "participation":
        assert "Sam Secretary" in page


def test_a_secretary_whose_term_is_over_is_out(client: Client, assembly: Assembly, secretary: Person) -> None:
    client.force_login(secretary)
    assert client.get("/admin/assemblies/assembly/").status_code == 200
    secretary.terms.get().end(at=timezone.now())
    assert client.get("/admin/assemblies/assembly/").status_code == 302


def test_a_secretary_words_the_remit_and_nothing_more(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    client.force_login(secretary)
    data = fields_of(
        assembly, name="Renamed", remit="counting things", is_core="on", slug="other", kind="party"
    )
    client.post(f"/admin/assemblies/assembly/{assembly.pk}/change/", data)
    before = assembly
    assembly = Assembly.objects.get(pk=before.pk)
    assert assembly.remit == "counting things"
    assert (assembly.name, assembly.slug, assembly.kind, assembly.is_core) == (
        *(before.name, before.slug, before.kind, before.is_core),
    )
    event = Event.objects.about(assembly).get(verb="assembly.changed")
    assert (event.by, event.data) == (secretary.pk, {"fields": ["remit"]})


@pytest.mark.policy("A4")
def test_a_secretary_sets_who_may_take_part_and_how_their_assembly_decides(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    client.force_login(secretary)
    address = f"/admin/assemblies/assembly/{assembly.pk}/change/"
    wanted = {
        "minimum_age": 18,
        "maximum_age": 30,
        "statement": "I am one of us.",
        "quorum": 5,
        "voting_days": 9,
    }
    assert client.post(address, fields_of(assembly, **wanted)).status_code == 302
    assembly = Assembly.objects.get(pk=assembly.pk)
    assert {name: getattr(assembly, name) for name in wanted} == wanted
    for name, value, sentence in (
        ("quorum", 501, "The quorum is 1 to 500 members"),
        ("voting_days", 61, "Voting lasts between 1 and 60 days"),
        ("minimum_age", 31, "The youngest age is not above the oldest"),
    ):
        page = client.post(address, fields_of(assembly, **{**wanted, name: value})).content.decode()
        assert sentence in page


def test_a_secretary_of_a_core_assembly_makes_it_no_closed_shop(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    Assembly.objects.filter(pk=assembly.pk).update(is_core=True)
    client.force_login(secretary)
    address = f"/admin/assemblies/assembly/{assembly.pk}/change/"
    page = client.post(address, fields_of(assembly, statement="Mine alone.")).content.decode()
    assert "Core and area assemblies enrol people" in page
    assert Assembly.objects.get(pk=assembly.pk).statement == ""


def test_a_request_to_take_part_is_answered_by_buttons_of_its_page(
    client: Client, assembly: Assembly, secretary: Person, outsider: Person
) -> None:
    Assembly.objects.filter(pk=assembly.pk).update(approval_by_secretary=True)
    asked = joining.join(outsider, assembly, at=timezone.now())
    address = f"/admin/assemblies/joinrequest/{asked.pk}/"
    root = Client()
    root.force_login(make_person(is_staff=True, is_superuser=True))
    assert "move/admit" not in root.get(f"{address}change/").content.decode()
    assert root.post(f"{address}move/admit/").status_code == 403
    client.force_login(secretary)
    assert f"{address}move/admit/" in client.get(f"{address}change/").content.decode()
    assert client.get(f"{address}move/admit/").status_code == 200
    assert not assembly.has_participant_at(outsider, timezone.now())
    assert client.post(f"{address}move/admit/").status_code == 302
    assert assembly.has_participant_at(outsider, timezone.now())
    again = client.post(f"{address}move/refuse/")
    assert (again.status_code, "answered or withdrawn already" in again.content.decode()) == (409, True)


@pytest.mark.parametrize("verb", ["add/", "{pk}/close/", "{pk}/delete/"])
def test_a_secretary_neither_forms_nor_closes_nor_deletes(
    client: Client, assembly: Assembly, secretary: Person, verb: str
) -> None:
    client.force_login(secretary)
    address = f"/admin/assemblies/assembly/{verb.format(pk=assembly.pk)}"
    assert client.get(address).status_code == 403
    assert client.post(address, {"post": "yes"}).status_code == 403
    assembly.refresh_from_db()
    assert assembly.closed_at is None


@pytest.mark.parametrize(("table", "verb"), [("office", "add"), ("term", "add"), ("nesting", "add")])
def test_a_secretary_makes_no_offices_terms_or_nestings(
    client: Client, secretary: Person, table: str, verb: str
) -> None:
    client.force_login(secretary)
    assert client.post(f"/admin/assemblies/{table}/{verb}/", {}).status_code == 403


def test_a_secretary_ends_nobodys_participation(
    client: Client, assembly: Assembly, secretary: Person, member: Person
) -> None:
    client.force_login(secretary)
    row = member.participations.get()
    client.post("/admin/assemblies/participation/", {"action": "end_now", "_selected_action": [str(row.pk)]})
    assert assembly.has_participant_at(member, timezone.now())


def test_staff_with_one_permission_use_that_one(client: Client, assembly: Assembly) -> None:
    person = make_person(is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_assembly"))
    client.force_login(person)
    assert assembly.name in client.get("/admin/assemblies/assembly/").content.decode()
    address = f"/admin/assemblies/assembly/{assembly.pk}/change/"
    assert client.get(address).status_code == 200
    assert client.post(address, fields_of(assembly, remit="mine now")).status_code == 403


@pytest.mark.policy("A1")
def test_staff_form_an_assembly_with_a_vacant_secretarys_office(client: Client, staff: Person) -> None:
    data = {
        **EMPTY,
        "name": "Society of Trees",
        "slug": "trees",
        "kind": "society",
        "remit": "trees",
        "voting_days": "7",
        "quorum": "3",
        "cooling_off_days": "5",
        "deliberation_days": "7",
    }
    response = client.post("/admin/assemblies/assembly/add/", data)
    assert response.status_code == 302
    trees = Assembly.objects.get(slug="trees")
    assert trees.offices.get().role == Office.Role.SECRETARY
    assert Event.objects.about(trees).get(verb="assembly.formed").by == staff.pk
    assert "vacant" in client.get("/assemblies/trees/").content.decode()
    page = client.post("/admin/assemblies/assembly/add/", {**data, "slug": "places"}).content.decode()
    assert "choose another" in page
    page = client.post("/admin/assemblies/assembly/add/", {**data, "slug": "more-trees"}).content.decode()
    assert "There is an assembly of this name already." in page


@pytest.mark.policy("A5")
def test_an_allied_assembly_and_no_other_names_whom_it_supports(
    client: Client, staff: Person, assembly: Assembly
) -> None:
    data = {
        **EMPTY,
        "name": "Allies",
        "slug": "allies",
        "voting_days": "7",
        "quorum": "3",
        "cooling_off_days": "5",
        "deliberation_days": "7",
    }
    sentence = "An allied assembly, and no other, names the assembly it supports."
    page = client.post("/admin/assemblies/assembly/add/", {**data, "kind": "allied"}).content.decode()
    assert sentence in page
    supporting = {"kind": "society", "supports": str(assembly.pk)}
    page = client.post("/admin/assemblies/assembly/add/", {**data, **supporting}).content.decode()
    assert sentence in page
    client.post("/admin/assemblies/assembly/add/", {**data, "kind": "allied", "supports": str(assembly.pk)})
    assert Assembly.objects.get(slug="allies").supports == assembly


def test_core_and_area_assemblies_have_no_rules_of_admission(
    client: Client, staff: Person, country: Country, core: Assembly
) -> None:
    for assembly in (core, country.leeds_east):
        data = fields_of(assembly, minimum_age=18, within=assembly.within_id or "", place=assembly.place)
        data |= {"is_core": "on"} if assembly.is_core else {}
        page = client.post(f"/admin/assemblies/assembly/{assembly.pk}/change/", data).content.decode()
        assert "no ages, statement or approval there" in page


def test_the_kind_stays_as_formed(client: Client, staff: Person, country: Country) -> None:
    data = fields_of(country.leeds, kind="society", within=country.yorkshire.pk, place="Leeds", remit="new")
    client.post(f"/admin/assemblies/assembly/{country.leeds.pk}/change/", data)
    country.leeds.refresh_from_db()
    assert (country.leeds.kind, country.leeds.remit) == (Kind.CITY, "new")


def test_closing_asks_first_and_ends_all_participation(
    client: Client, staff: Person, assembly: Assembly, member: Person
) -> None:
    address = f"/admin/assemblies/assembly/{assembly.pk}/close/"
    assert "1 person takes part now" in client.get(address).content.decode()
    assembly.refresh_from_db()
    assert assembly.closed_at is None
    assert client.post(address).status_code == 302
    assembly.refresh_from_db()
    assert assembly.closed_at is not None
    assert member.participations.get().ended_because == Participation.Ending.CLOSED
    assert client.post(address).status_code == 409


def test_what_holds_others_is_not_closed(client: Client, staff: Person, country: Country) -> None:
    address = f"/admin/assemblies/assembly/{country.leeds.pk}/close/"
    assert "Other assemblies lie within it" in client.get(address).content.decode()
    assert client.post(address).status_code == 409
    country.leeds.refresh_from_db()
    assert country.leeds.closed_at is None


def test_staff_seat_and_end_a_term(client: Client, staff: Person, assembly: Assembly) -> None:
    office = Office.objects.create(assembly=assembly, role="secretary")
    now = timezone.localtime()
    data = {
        "office": str(office.pk),
        "person": "",
        "holder_name": "David Hollas",
        "began_at": f"{now:%Y-%m-%dT00:00}",
        "ends_at": "",
    }
    client.post("/admin/assemblies/term/add/", data)
    term = Term.objects.get()
    assert "David Hollas" in client.get(assembly.get_absolute_url()).content.decode()
    page = client.post("/admin/assemblies/term/add/", data, follow=True).content.decode()
    assert "Every seat of this office is taken in that time: David Hollas." in page
    assert Term.objects.count() == 1
    action = {"action": "end_now", "_selected_action": [str(term.pk)]}
    assert "Ended 1." in client.post("/admin/assemblies/term/", action, follow=True).content.decode()
    assert (
        "This term is over already."
        in client.post("/admin/assemblies/term/", action, follow=True).content.decode()
    )
    assert client.get(f"/admin/assemblies/term/{term.pk}/delete/").status_code == 403


def test_staff_end_a_participation(client: Client, staff: Person, assembly: Assembly, member: Person) -> None:
    row = member.participations.get()
    action = {"action": "end_now", "_selected_action": [str(row.pk)]}
    client.post("/admin/assemblies/participation/", action)
    row.refresh_from_db()
    assert row.ended_because == Participation.Ending.REMOVED
    assert Event.objects.about(member).get(verb="participation.ended").by == staff.pk
    assert (
        "has ended already"
        in client.post("/admin/assemblies/participation/", action, follow=True).content.decode()
    )


@pytest.mark.parametrize("table", TABLES)
def test_every_list_and_form_opens(
    client: Client, staff: Person, assembly: Assembly, secretary: Person, table: str
) -> None:
    assert client.get(f"/admin/assemblies/{table}/", {"q": "society"}).status_code == 200
    assert client.get(f"/admin/assemblies/{table}/add/").status_code in {200, 403}
    assert client.get(f"/admin/assemblies/assembly/{assembly.pk}/change/").status_code == 200


@pytest.mark.parametrize("table", TABLES)
def test_lists_need_no_more_queries_for_more_rows(client: Client, staff: Person, table: str) -> None:
    def make(numbers: range) -> None:
        for n in numbers:
            society = make_assembly(f"Society {n}")
            make_term(make_member(), society)
            make_participation(make_member(), society)
            parent = Assembly.objects.exclude(pk=society.pk).first()
            Nesting.objects.create(member=society, parent=parent or make_assembly("Parent"))
            JoinRequest.objects.create(person=make_person(), assembly=society, asked_at=timezone.now())

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/admin/assemblies/{table}/").status_code == 200
        return len(asked)

    make(range(2))
    few = queries()
    make(range(2, 20))
    assert queries() <= few


def test_staff_put_a_date_of_birth_right_without_seeing_it(
    client: Client, staff: Person, youth: Assembly
) -> None:
    person = make_person("Yara Young")
    born = timezone.localdate().replace(day=1) - timedelta(days=365 * 20)
    row = joining.join(person, youth, at=timezone.now(), born=born)
    address = f"/admin/assemblies/participation/{row.pk}/birth/"
    page = client.get(address).content.decode()
    assert str(born.year) not in page
    assert "known is not shown" in page
    assert client.post(address, {"born": "2999-01-01"}).status_code == 200
    response = client.post(address, {"born": "1950-05-03"}, follow=True)
    assert "The date of birth is put right." in response.content.decode()
    assert not youth.has_participant_at(person, timezone.now())
    assert Event.objects.about(person).get(verb="person.date_of_birth_given", by=staff.pk)
    assert "1950" not in str(list(Event.objects.about(person).values_list("data", flat=True)))


def test_a_secretary_puts_no_date_of_birth_right(
    client: Client, assembly: Assembly, secretary: Person, member: Person
) -> None:
    client.force_login(secretary)
    address = f"/admin/assemblies/participation/{member.participations.get().pk}/birth/"
    assert client.get(address).status_code == 403
    assert client.post(address, {"born": "1950-05-03"}).status_code == 403
    member.refresh_from_db()
    assert member.date_of_birth is None


def test_an_office_has_no_fewer_seats_than_people_who_serve(
    client: Client, staff: Person, assembly: Assembly, secretary: Person
) -> None:
    office = Office.objects.get(assembly=assembly, role="secretary")
    Office.objects.update(seats=2)
    make_term(make_member(), assembly)
    address = f"/admin/assemblies/office/{office.pk}/change/"
    sent = {"assembly": assembly.pk, "role": "secretary", "term_months": 12}
    answer = client.post(address, {**sent, "seats": 1})
    assert answer.status_code == 200
    assert "More people than that hold this office" in answer.content.decode()
    assert client.post(address, {**sent, "seats": 3}).status_code == 302
    office.refresh_from_db()
    assert office.seats == 3
    event = Event.objects.about(office).get()
    assert (event.verb, event.by, event.data["seats"]) == ("office.changed", staff.pk, 3)
    deputies = {"assembly": assembly.pk, "role": "deputy", "term_months": 6, "seats": 2}
    assert client.post("/admin/assemblies/office/add/", deputies).status_code == 302
    made = Event.objects.get(verb="office.made")
    assert made.data == {"assembly": str(assembly.pk), "role": "deputy", "seats": 2, "term_months": 6}
    assert made.subject_id == str(Office.objects.get(role="deputy").pk)
