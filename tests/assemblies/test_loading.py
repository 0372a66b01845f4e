"""`manage.py load_assemblies`: the party's own assemblies (A11, A12), and any other party's."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.html import escape
from django.utils.text import capfirst

from assemblies import loading
from assemblies.models import Assembly, Kind, Nesting, Office, Term
from ledger.models import Event
from tests.assemblies.conftest import Country

# The list "Our Operational Assemblies", word for word.
OPERATIONAL = {
    "Committee for Resolutions": "discipline, rules, regulations",
    "Operational Working Group": (
        "rules, regulations, processes, communications, "
        "supporting the executive work of the Secretarial Committee"
    ),
    "Financial Working Group": "Party financial oversight; accounts; Treasurer oversight & logistical support",
    "Foundational Committee": (
        "supporting the formation of new Assemblies & "
        "evaluating where new Assemblies may be advantageous for the Party"
    ),
    "Society for Presentation of Policy": 'deciding strategy & "marketing" for policy',
    "Media Working Group": (
        "creating media for internal & external usages; "
        "determining tactics for media operations; press relations"
    ),
    "Research Working Group": "data collection & collation of all kinds for other Assemblies and the Party",
    "Society for Constructive Activism": "syndicalism, education, mutual aid, protest, petitions etc",
    "Policy Societies Committee": (
        "coordination & support of the Policy Societies "
        "(which should also be considered core assemblies, but are too numerous to include!)"
    ),
    "Constituency Societies Committee": (
        "presenting the geographic concerns of the Party; "
        "coordination of the Constituency Societies collectively"
    ),
}
ELECTED = {"Operational Working Group": "David Hollas"}


def load(path: Path | None = None) -> str:
    """Runs the command; returns what it prints."""
    out = StringIO()
    call_command("load_assemblies", *([path] if path else []), stdout=out)
    return out.getvalue()


def write(folder: Path, *assemblies: dict[str, Any], **parts: Any) -> Path:
    """A file with these assemblies."""
    path = folder / "assemblies.json"
    path.write_text(json.dumps({"format": loading.FORMAT, "assemblies": assemblies, **parts}))
    return path


@pytest.fixture
def party(db: None) -> None:
    """Our own party's assemblies."""
    load()


@pytest.mark.policy("A11")
@pytest.mark.usefixtures("party")
def test_the_ten_operational_assemblies_show_their_remit_and_their_secretary(client: Client) -> None:
    assert len(OPERATIONAL) == 10
    for name, remit in OPERATIONAL.items():
        assembly = Assembly.objects.get(name=name)
        assert assembly.is_core
        page = client.get(assembly.get_absolute_url()).content.decode()
        assert f'<p class="lede">{escape(capfirst(remit))}</p>' in page
        assert ("David Hollas" in page) is (name in ELECTED)
        assert ("vacant" in page) is (name not in ELECTED)


@pytest.mark.policy("A12")
@pytest.mark.usefixtures("party")
def test_policy_societies_are_core_and_members_of_their_committee(client: Client) -> None:
    committee = Assembly.objects.get(slug="policy-societies-committee")
    societies = Assembly.objects.filter(kind=Kind.POLICY_SOCIETY)
    assert societies.count() >= 5
    assert all(society.is_core for society in societies)
    page = client.get(committee.get_absolute_url()).content.decode()
    assert all(society.get_absolute_url() in page for society in societies)


@pytest.mark.policy("A12")
@pytest.mark.usefixtures("party")
def test_constituency_societies_are_members_of_their_committee(client: Client) -> None:
    committee = Assembly.objects.get(slug="constituency-societies-committee")
    page = client.get(committee.get_absolute_url()).content.decode()
    assert "650 assemblies of this kind" in page
    page = client.get("/assemblies/leeds-north-east-constituency/").content.decode()
    assert committee.get_absolute_url() in page


@pytest.mark.policy("A5")
@pytest.mark.usefixtures("party")
def test_an_allied_assembly_is_tied_to_the_community_that_it_supports(client: Client) -> None:
    ally = Assembly.objects.get(kind=Kind.ALLIED)
    assert ally.supports is not None
    assert ally.supports.kind == Kind.IDENTITY
    assert ally.supports.get_absolute_url() in client.get(ally.get_absolute_url()).content.decode()
    assert ally.get_absolute_url() in client.get(ally.supports.get_absolute_url()).content.decode()


@pytest.mark.policy("A6")
@pytest.mark.usefixtures("party")
def test_the_country_is_whole() -> None:
    kinds = {kind: Assembly.objects.filter(kind=kind) for kind in (Kind.REGION, Kind.CITY, Kind.CONSTITUENCY)}
    assert [kinds[kind].count() for kind in kinds] == [12, 32, 650]
    assert not kinds[Kind.REGION].exclude(within=None).exists()
    assert not kinds[Kind.CITY].exclude(within__kind=Kind.REGION).exists()
    inner = kinds[Kind.CONSTITUENCY].filter(within__kind=Kind.CITY).count()
    outer = kinds[Kind.CONSTITUENCY].filter(within__kind=Kind.REGION).count()
    assert (inner, outer) == (119, 531)
    leeds = Assembly.objects.get(slug="leeds-north-east-constituency")
    assert [area.slug for area in leeds.area()] == [
        "leeds-north-east-constituency",
        "leeds-city",
        "yorkshire-and-the-humber-region",
    ]
    places = set(kinds[Kind.CONSTITUENCY].values_list("hex_q", "hex_r"))
    assert len(places) == 650


@pytest.mark.policy("A4")
@pytest.mark.usefixtures("party")
def test_the_youth_assembly_is_for_eighteen_to_thirty(client: Client) -> None:
    page = client.get("/assemblies/youth-assembly/").content.decode()
    assert "It is for people aged 18 to 30." in page


@pytest.mark.usefixtures("party")
def test_loading_again_changes_nothing() -> None:
    counts = [model.objects.count() for model in (Assembly, Nesting, Office, Term, Event)]
    assert "Formed 0, changed 0" in load()
    assert [model.objects.count() for model in (Assembly, Nesting, Office, Term, Event)] == counts


@pytest.mark.usefixtures("party")
def test_loading_again_restores_a_remit_and_seats_no_former_secretary() -> None:
    group = Assembly.objects.get(slug="operational-working-group")
    Assembly.objects.filter(pk=group.pk).update(remit="something else")
    term = Term.objects.get(office__assembly=group)
    assert term.holder_name == "David Hollas"
    term.end(at=term.began_at)
    printed = load()
    assert "operational-working-group: remit" in printed
    group.refresh_from_db()
    assert group.remit == OPERATIONAL["Operational Working Group"]
    assert Term.objects.filter(office__assembly=group).count() == 1


def test_another_party_loads_its_own_file(tmp_path: Path, db: None) -> None:
    path = write(
        tmp_path,
        {"slug": "ours", "name": "Our Party", "kind": "party", "core": True},
        {
            "slug": "allies",
            "name": "Allies",
            "kind": "allied",
            "supports": "elders",
            "member_of": ["ours", "elders"],
        },
        {
            "slug": "elders",
            "name": "Elders",
            "kind": "identity",
            "minimum_age": 60,
            "secretary": "Nan",
            "member_of": ["ours"],
        },
    )
    assert "Formed 3" in load(path)
    elders = Assembly.objects.get(slug="elders")
    assert set(elders.allies.all()) == {Assembly.objects.get(slug="allies")}
    assert Term.objects.get().holder == "Nan"
    write(tmp_path, {"slug": "elders", "name": "The Elders", "kind": "identity", "minimum_age": None})
    assert "elders: minimum_age, name" in load(path).replace("name, minimum_age", "minimum_age, name")
    elders.refresh_from_db()
    assert elders.minimum_age is None
    assert elders.member_of.count() == 1  # what the file does not say stays


GOOD = {"slug": "a", "name": "A", "kind": "society"}


@pytest.mark.parametrize(
    ("assemblies", "sentence"),
    [
        ([{"name": "A", "kind": "society"}], "assembly 1: it has no slug."),
        ([{"slug": "a", "kind": "society"}], "assembly 1 (a): it has no name."),
        ([{**GOOD, "kind": "club"}], "there is no kind “club”"),
        ([{**GOOD, "colour": "red"}], "assembly 1 (a): unknown field “colour”."),
        ([{**GOOD, "core": "yes"}], "“core” is not of the right type."),
        ([{**GOOD, "minimum_age": True}], "“minimum_age” is not of the right type."),
        ([{**GOOD, "within": 7}], "“within” is neither a text nor null."),
        ([{**GOOD, "member_of": "b"}], "“member_of” is not a list of slugs."),
        ([{**GOOD, "member_of": ["b"]}], "there is no assembly “b”."),
        ([GOOD, {**GOOD, "name": "B"}], "has the same address, “a”"),
        ([GOOD, {**GOOD, "slug": "b"}], "has the same name, “a”"),
        ([{**GOOD, "kind": "allied"}], "names the assembly it supports"),
        ([{**GOOD, "minimum_age": 40, "maximum_age": 30}], "The youngest age is not above the oldest."),
        ([{**GOOD, "slug": "places"}], "choose another"),
        ([{**GOOD, "slug": "Not a slug"}], "assembly 1 (Not a slug):"),
        ([{**GOOD, "name": "x" * 200}], "at most 160 characters"),
        (
            [{**GOOD, "member_of": ["b"]}, {"slug": "b", "name": "B", "kind": "society", "member_of": ["a"]}],
            "would make a circle",
        ),
        ([GOOD, {"slug": "b", "name": "B", "kind": "city", "within": "a"}], "does not lie within a society"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_loaded(
    tmp_path: Path, db: None, assemblies: list[dict[str, Any]], sentence: str
) -> None:
    path = write(tmp_path, *assemblies)
    with pytest.raises(CommandError) as refused:
        load(path)
    assert str(refused.value).startswith("Nothing was loaded.")
    assert sentence in str(refused.value)
    assert not Assembly.objects.exists()


HEADER = "code,name,name_cy,city,region,hex_q,hex_r\n"


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (None, "cannot be read"),
        ("name,region\nA,B\n", "has not the columns"),
        (HEADER, "or no rows"),
        (HEADER + "X1,,,,North,1,2\n", "line 2: it needs a name, a region"),
        (HEADER + "X1,A,,,North,1,2\nX2,B,,,North,1\n", "line 3: it needs a name"),
        (HEADER + "X1,A,,,North,one,2\n", "line 2: “hex_q” is not a whole number."),
        (HEADER + "X1,A,,Town,North,1,2\nX2,B,,Town,South,1,3\n", "puts the same city elsewhere"),
        (HEADER + "X1,A,,,North,1,2\nX2,A,,,South,1,3\n", "has the same address"),
    ],
)
def test_a_mistake_in_the_table_is_named_by_its_line(
    tmp_path: Path, db: None, table: str | None, sentence: str
) -> None:
    if table is not None:
        (tmp_path / "table.csv").write_text(table)
    path = write(tmp_path, constituencies={"file": "table.csv"})
    with pytest.raises(CommandError) as refused:
        load(path)
    assert sentence in str(refused.value)
    assert not Assembly.objects.exists()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": "other"}', '{"format": "harmony-assemblies/1", "x": 1}']
)
def test_another_kind_of_file_is_refused(tmp_path: Path, db: None, text: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(text)
    with pytest.raises(CommandError, match=str(path)):
        load(path)


def test_a_kind_is_never_changed_by_a_file(tmp_path: Path, country: Country) -> None:
    path = write(tmp_path, {"slug": country.wales.slug, "name": country.wales.name, "kind": "city"})
    with pytest.raises(CommandError, match="a kind is not changed"):
        load(path)
