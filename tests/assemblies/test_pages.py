"""The public pages (P10): what they say, to whom, and in how many queries."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assemblies import enrolment, formation, nesting, panels
from assemblies.models import Assembly, Kind
from members.models import Person
from tests.assemblies.conftest import Country, make_area
from tests.factories import (
    count_ballot,
    make_assembly,
    make_ballot,
    make_member,
    make_members,
    make_open_ballot,
    make_participation,
    make_person,
    make_term,
)

pytestmark = pytest.mark.django_db


def read(client: Client, address: str) -> str:
    """The text of a page."""
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


class Links(HTMLParser):
    """Collects where the links of a page lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.hrefs.append(href)


@pytest.mark.policy("P10", "A1")
@pytest.mark.parametrize("address", ["/assemblies/", "/assemblies/places/", "/assemblies/leeds-city/"])
def test_everybody_can_look(client: Client, country: Country, address: str) -> None:
    assert "Leeds" in read(client, address) or address == "/assemblies/"


@pytest.mark.parametrize(
    "address",
    [
        *("/assemblies/yours/", "/assemblies/home/", "/assemblies/home/leeds-east-constituency/"),
        *("/assemblies/leeds-city/join/", "/assemblies/leeds-city/leave/", "/assemblies/leeds-city/birth/"),
    ],
)
def test_what_is_ones_own_needs_a_log_in(client: Client, country: Country, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/?next=/assemblies/")


@pytest.mark.parametrize(
    "address", ["/assemblies/nowhere/", "/assemblies/nowhere/join/", "/assemblies/home/nowhere/"]
)
def test_an_unknown_assembly_is_not_found(client: Client, outsider: Person, address: str) -> None:
    client.force_login(outsider)
    assert client.get(address).status_code == 404


@pytest.mark.policy("A1", "A5", "A12")
def test_the_directory_lists_every_kind_with_remit_and_secretary(client: Client, country: Country) -> None:
    group = make_assembly("Media Working Group", kind=Kind.WORKING_GROUP, remit="press relations")
    formation.form(
        Assembly(slug="v", name="Vacant Society", kind=Kind.SOCIETY, formed_at=timezone.now()),
        at=timezone.now(),
    )
    make_term(make_member("Sam Secretary"), group)
    community = make_assembly("Youth Assembly", kind=Kind.IDENTITY)
    make_assembly("Youth Allies", kind=Kind.ALLIED, supports=community)
    make_assembly("Harmony Party", kind=Kind.PARTY)
    make_assembly("Health Policy Society", kind=Kind.POLICY_SOCIETY)
    page = read(client, "/assemblies/")
    for text in (
        *("Media Working Group", "Press relations", "Secretary: Sam Secretary", "Secretary: vacant"),
        *("Identity assemblies", "Youth Allies", "Supports the Youth Assembly", "Policy societies"),
        *("Harmony Party", "3 constituencies", "1 city"),
    ):
        assert text in page


def test_a_closed_assembly_leaves_the_directory_and_keeps_its_page(
    client: Client, assembly: Assembly
) -> None:
    formation.close(assembly, at=timezone.now())
    assert assembly.name not in read(client, "/assemblies/")
    page = read(client, assembly.get_absolute_url())
    assert "This assembly closed on" in page
    assert "Taking part" not in page


@pytest.mark.parametrize(
    ("query", "found", "not_found"),
    [
        ("leeds", "Leeds East Constituency Society", "Cardiff East Constituency Society"),
        ("CAERDYDD", "Cardiff East Constituency Society", "Leeds East Constituency Society"),
        ("nothing like it", "Nothing matches", "Leeds East Constituency Society"),
        ("Leds Est", "Did you mean", "Wales Region Society"),
        ("<b>", "&lt;b&gt;", "<b>"),
    ],
)
def test_the_search_works_without_a_script(
    client: Client, country: Country, query: str, found: str, not_found: str
) -> None:
    response = client.get("/assemblies/", {"q": query})
    page = response.content.decode()
    assert found in page
    assert not_found not in page


def test_many_areas_are_all_named_and_many_members_are_a_number_with_a_link(
    client: Client, country: Country
) -> None:
    federation = make_assembly("Federation", slug="federation")
    areas = [make_area(f"Valley {n:02}", Kind.CONSTITUENCY, country.wales) for n in range(15)]
    nesting.nest_all([(area, federation) for area in areas], at=timezone.now())
    page = read(client, country.wales.get_absolute_url())
    assert all(area.get_absolute_url() in page for area in areas)
    page = read(client, "/assemblies/federation/")
    assert "15 assemblies of this kind" in page
    assert areas[0].get_absolute_url() not in page
    page = read(client, "/assemblies/?kind=constituency&member_of=federation")
    assert all(area.get_absolute_url() in page for area in areas)
    assert country.skipton.get_absolute_url() not in page


def test_one_kind_is_listed_by_place(client: Client, country: Country) -> None:
    page = read(client, "/assemblies/?kind=constituency")
    assert "Leeds, Yorkshire" in page
    assert page.index("Cardiff East") < page.index("Leeds East") < page.index("Skipton")
    assert "Assemblies" in read(client, "/assemblies/?kind=nonsense")


@pytest.mark.policy("A6")
def test_the_places_stand_as_a_tree_with_a_map_that_has_the_same_links(
    client: Client, country: Country
) -> None:
    page = read(client, "/assemblies/places/")
    start = page.index('<svg class="hexmap"')
    picture = page[start : page.index("</svg>", start)]
    on_the_map = set(Links(picture).hrefs)
    constituencies = {
        one.get_absolute_url()
        for one in (country.leeds_east, country.leeds_west, country.skipton, country.cardiff)
    }
    assert on_the_map == constituencies
    listed = Links(page.replace(picture, "")).hrefs
    assert constituencies <= set(listed)
    assert "<title>Leeds East</title>" in picture
    assert 'aria-hidden="true"' in picture
    assert picture.count('tabindex="-1"') == len(constituencies)
    assert "style=" not in page
    regions = set(re.findall(r"hex--(\d+)", picture))
    assert regions == {"1", "2"}


def test_hexagons_stand_where_the_data_says(client: Client, country: Country) -> None:
    drawn = client.get("/assemblies/places/").context["map"]
    place = {hexagon.assembly: (hexagon.x, hexagon.y) for hexagon in drawn.hexagons}
    assert place[country.leeds_east][0] - place[country.leeds_west][0] == 14
    assert place[country.leeds_east][1] == place[country.leeds_west][1]
    assert place[country.cardiff][1] > place[country.skipton][1]  # further south is further down
    assert drawn.borders == ""
    beside = make_area("Bradford", Kind.CONSTITUENCY, country.wales, hex_q=61, hex_r=-20)
    drawn = client.get("/assemblies/places/").context["map"]
    assert drawn.borders.count("M") == 1
    assert beside in {hexagon.assembly for hexagon in drawn.hexagons}


def test_ones_home_is_marked_on_the_map_and_open_in_the_tree(client: Client, country: Country) -> None:
    person = make_person()
    enrolment.set_home(person, country.leeds_east, at=timezone.now())
    client.force_login(person)
    page = read(client, "/assemblies/places/")
    assert page.count("hex--here") == 1
    assert page.count("<details open>") == 2
    assert "Your home constituency is Leeds East." in page


@pytest.mark.policy("P1", "P10", "A2", "A4")
def test_a_page_tells_where_the_assembly_sits_and_who_may_take_part(client: Client, youth: Assembly) -> None:
    party = make_assembly("Harmony Party", kind=Kind.PARTY)
    nesting.nest(youth, party, at=timezone.now())
    page = read(client, youth.get_absolute_url())
    assert party.get_absolute_url() in page
    assert "It is for people aged 18 to 30." in page
    assert "Only members of the party can vote." in page
    page = read(client, party.get_absolute_url())
    assert youth.get_absolute_url() in page
    assert "Anyone, whether a member of the party or not." in page


@pytest.mark.policy("A3", "P10")
def test_a_page_counts_who_takes_part_and_who_of_them_can_vote(
    client: Client, assembly: Assembly, member: Person, participant: Person
) -> None:
    numbers = client.get(assembly.get_absolute_url()).context["numbers"]
    assert numbers == {"participants": 2, "members": 1}


def test_a_page_names_nobody_who_merely_takes_part(
    client: Client, assembly: Assembly, member: Person
) -> None:
    make_participation(make_person("Private Person"), assembly)
    client.force_login(member)
    assert "Private Person" not in read(client, assembly.get_absolute_url())


@pytest.mark.policy("P10")
def test_a_page_shows_what_is_going_on_and_what_was_counted(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    make_members(assembly, 3)
    draft = make_ballot(assembly, question="Which drink?")
    running = make_open_ballot(assembly, question="Which fruit?")
    other = make_open_ballot(make_members_elsewhere(), question="Which cheese?")
    other.together_with.add(assembly)
    counted = count_ballot(make_open_ballot(assembly, question="Which bread?"))
    page = read(client, assembly.get_absolute_url())
    for ballot in (running, counted, other):
        assert ballot.get_absolute_url() in page
    assert draft.get_absolute_url() not in page
    client.force_login(secretary)
    assert draft.get_absolute_url() in read(client, assembly.get_absolute_url())


def make_members_elsewhere() -> Assembly:
    """Another assembly with members."""
    elsewhere = make_assembly("Elsewhere")
    make_members(elsewhere, 2)
    return elsewhere


def test_a_panel_with_nothing_to_show_is_left_out(assembly: Assembly, outsider: Person) -> None:
    def templates() -> list[str]:
        return [template for template, _contents in panels.shown(assembly, outsider, timezone.now())]

    before = templates()
    assert "ballots/_assembly_panel.html" in before
    panels.register("nowhere.html", "tests.assemblies.test_pages.gather_nothing", place=0)
    assert templates() == before


def gather_nothing(*_given: object) -> None:
    """A panel's function that finds nothing to show."""


def test_ones_own_assemblies_are_listed_with_how_they_came_about(client: Client, country: Country) -> None:
    person = make_member()
    now = timezone.now()
    enrolment.set_home(person, country.leeds_east, at=now - timedelta(days=2))
    enrolment.set_home(person, country.skipton, at=now - timedelta(days=1))
    client.force_login(person)
    page = read(client, "/assemblies/yours/")
    assert "Your home constituency is Skipton." in page
    assert "(home)" in page
    assert "(home moved)" in page


def test_a_home_is_found_by_name_and_in_the_list(client: Client, country: Country, outsider: Person) -> None:
    client.force_login(outsider)
    page = read(client, "/assemblies/home/?q=caerdydd")
    assert "/assemblies/home/cardiff-east-constituency/" in page
    assert page.count("<option") == 4
    assert "Leeds City Society" not in read(client, "/assemblies/home/?q=leeds")
    response = client.get("/assemblies/home/?constituency=skipton-constituency")
    assert response["Location"] == "/assemblies/home/skipton-constituency/"
    assert "Choose your home" in read(client, "/assemblies/home/?constituency=leeds-city")


# --- Queries ----------------------------------------------------------------------------------------
def grow(country: Country) -> None:
    """Adds to everything that the pages list."""
    party = Assembly.objects.filter(kind=Kind.PARTY).first() or make_assembly(
        "Harmony Party", kind=Kind.PARTY
    )
    for n in range(7):
        number = f"{Assembly.objects.count()}"
        city = make_area(f"City {number}", Kind.CITY, country.wales)
        make_area(f"Place {number}", Kind.CONSTITUENCY, city, hex_q=n, hex_r=int(number))
        society = make_assembly(f"Society {number}", kind=Kind.SOCIETY)
        nesting.nest(society, party, at=timezone.now())
        nesting.nest(party, make_assembly(f"Federation {number}"), at=timezone.now())
        make_term(make_member(), society)
        make_assembly(f"Allies {number}", kind=Kind.ALLIED, supports=party)
        make_participation(make_member(), party)
        make_participation(Person.objects.get(email="mary@example.org"), society)
        count_ballot(make_open_ballot(party, question=f"Question {number}"))
        make_open_ballot(party, question=f"Question {number}, again")


@pytest.mark.parametrize(
    "address",
    [
        *("/assemblies/", "/assemblies/?q=society", "/assemblies/?kind=society", "/assemblies/places/"),
        *("/assemblies/?kind=constituency", "/assemblies/harmony/", "/assemblies/wales-region/"),
        *("/assemblies/yours/", "/assemblies/home/", "/assemblies/home/?q=place"),
    ],
)
def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: Client, country: Country, member: Person, address: str
) -> None:
    party = make_assembly("Harmony Party", kind=Kind.PARTY, slug="harmony")
    make_participation(member, party)
    grow(country)
    client.force_login(member)
    before = _queries(client, address)
    grow(country)
    assert _queries(client, address) <= before
    assert before < 40


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("verb", ["join", "leave"])
def test_looking_changes_nothing(client: Client, assembly: Assembly, member: Person, verb: str) -> None:
    client.force_login(member)
    before = list(member.participations.values())
    client.get(f"/assemblies/{assembly.slug}/{verb}/")
    client.head(f"/assemblies/{assembly.slug}/{verb}/")
    assert list(member.participations.values()) == before


def test_only_reading_pages_are_read_only(client: Client, country: Country, outsider: Person) -> None:
    client.force_login(outsider)
    for address in ("/assemblies/", "/assemblies/places/", "/assemblies/yours/", "/assemblies/home/"):
        assert client.post(address).status_code == 405
