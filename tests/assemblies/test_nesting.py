"""Assemblies can be members of assemblies, never in a circle (P1); areas fit inside each other (A6)."""

from itertools import pairwise

import pytest
from django.test import Client
from django.utils import timezone

from assemblies import formation, geography, nesting
from assemblies.errors import CircleError, WrongPlaceError
from assemblies.models import Assembly, Kind, Nesting
from ledger.models import Event
from members.models import Person
from tests.assemblies.conftest import Country
from tests.factories import make_assembly, make_person


@pytest.fixture
def three(db: None) -> tuple[Assembly, Assembly, Assembly]:
    """Three assemblies that know nothing of each other."""
    return make_assembly("Alpha"), make_assembly("Beta"), make_assembly("Gamma")


@pytest.fixture
def staff(client: Client, db: None) -> Person:
    """Site staff who may do everything, logged in."""
    person = make_person("Ada Admin", is_staff=True, is_superuser=True)
    client.force_login(person)
    return person


def add(client: Client, member: Assembly, parent: Assembly) -> str:
    """Nests by the admin's form and returns the page that comes back."""
    data = {"member": str(member.pk), "parent": str(parent.pk)}
    return client.post("/admin/assemblies/nesting/add/", data, follow=True).content.decode()


@pytest.mark.policy("P1")
def test_an_assembly_can_be_a_member_of_several(
    client: Client, staff: Person, three: tuple[Assembly, Assembly, Assembly]
) -> None:
    alpha, beta, gamma = three
    add(client, alpha, beta)
    add(client, alpha, gamma)
    assert set(alpha.member_of.all()) == {beta, gamma}
    page = client.get(alpha.get_absolute_url()).content.decode()
    assert "Member of" in page
    assert beta.get_absolute_url() in page
    assert gamma.get_absolute_url() in page
    assert Event.objects.about(alpha).filter(verb="assembly.nested", by=staff.pk).count() == 2


@pytest.mark.policy("P1")
def test_a_circle_is_refused_with_a_sentence_that_names_it(
    client: Client, staff: Person, three: tuple[Assembly, Assembly, Assembly]
) -> None:
    alpha, beta, gamma = three
    add(client, alpha, beta)
    add(client, beta, gamma)
    page = add(client, gamma, alpha)
    assert (
        "Gamma cannot be a member of Alpha, because that would make a circle: "
        "Alpha is a member of Beta, Beta is a member of Gamma."
    ) in page
    assert Nesting.objects.count() == 2


def test_no_assembly_is_a_member_of_itself(
    client: Client, staff: Person, three: tuple[Assembly, Assembly, Assembly]
) -> None:
    assert "An assembly cannot be a member of itself." in add(client, three[0], three[0])
    with pytest.raises(CircleError, match="itself"):
        nesting.nest(three[0], three[0], at=timezone.now())


def test_nesting_twice_adds_nothing_and_unnesting_ends_it(
    client: Client, staff: Person, three: tuple[Assembly, Assembly, Assembly]
) -> None:
    alpha, beta, _gamma = three
    now = timezone.now()
    assert nesting.nest(alpha, beta, at=now)
    assert not nesting.nest(alpha, beta, at=now)
    row = Nesting.objects.get()
    client.post(f"/admin/assemblies/nesting/{row.pk}/delete/", {"post": "yes"})
    assert not Nesting.objects.exists()
    assert Event.objects.about(alpha).filter(verb="assembly.unnested").count() == 1
    assert not nesting.unnest(alpha, beta, at=now)


def test_of_several_nestings_all_or_none_are_made(three: tuple[Assembly, Assembly, Assembly]) -> None:
    alpha, beta, gamma = three
    with pytest.raises(CircleError):
        nesting.nest_all([(alpha, beta), (beta, gamma), (gamma, alpha)], at=timezone.now())
    assert not Nesting.objects.exists()


def test_a_long_way_round_is_a_circle_too(db: None) -> None:
    chain = [make_assembly(f"Link {n:02}") for n in range(30)]
    now = timezone.now()
    nesting.nest_all(pairwise(chain), at=now)
    with pytest.raises(CircleError, match=r"Link 00 is a member of Link 01.*Link 28 is a member of Link 29"):
        nesting.nest(chain[-1], chain[0], at=now)


SENSIBLE = {(Kind.CONSTITUENCY, Kind.CITY), (Kind.CONSTITUENCY, Kind.REGION), (Kind.CITY, Kind.REGION)}


@pytest.mark.parametrize("larger", Kind.values)
@pytest.mark.parametrize("smaller", Kind.values)
def test_only_sensible_kinds_lie_within_each_other(smaller: str, larger: str) -> None:
    reasons = geography.reasons_against_place(smaller, Assembly(kind=larger))
    assert bool(reasons) is ((smaller, larger) not in SENSIBLE)
    assert geography.reasons_against_place(smaller, None) == []


@pytest.mark.policy("A6")
def test_a_region_within_a_city_is_refused_in_the_admin_with_a_sentence(
    client: Client, staff: Person, country: Country
) -> None:
    data = {"name": "Odd", "slug": "odd", "voting_days": "7", "within": str(country.leeds.pk)}
    empty = {"nestings_up-TOTAL_FORMS": "0", "nestings_up-INITIAL_FORMS": "0"}
    page = client.post("/admin/assemblies/assembly/add/", {**data, **empty, "kind": "city"}).content.decode()
    assert "A city does not lie within a city: a constituency lies in a city or a region" in page
    page = client.post(
        "/admin/assemblies/assembly/add/", {**data, **empty, "kind": "region"}
    ).content.decode()
    assert "Only a constituency or a city lies within another assembly." in page
    assert not Assembly.objects.filter(slug="odd").exists()
    with pytest.raises(WrongPlaceError):
        formation.form(
            Assembly(slug="odd", name="Odd", kind=Kind.CITY, within=country.leeds, formed_at=timezone.now()),
            at=timezone.now(),
        )


@pytest.mark.policy("A6")
def test_the_page_of_a_constituency_tells_its_city_and_its_region(client: Client, country: Country) -> None:
    page = client.get(country.leeds_east.get_absolute_url()).content.decode()
    assert page.index("Leeds City Society") < page.index("Yorkshire Region Society")
    page = client.get(country.yorkshire.get_absolute_url()).content.decode()
    assert country.leeds.get_absolute_url() in page
    assert country.skipton.get_absolute_url() in page
    assert country.leeds_east.get_absolute_url() not in page
