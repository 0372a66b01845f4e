"""The copy for the assembly: what is on the allow-list, and what is suggested to be taken out (D17)."""

import unicodedata
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from defections import copies, sanitising
from defections.catalogue import COLUMNS, SECTIONS, Share, item_keys
from defections.folding import fold
from defections.models import Application
from defections.redaction import Kind, Private, occurrences, suggestions
from tests import factories
from tests.defections.desk_walk import client_of, text_of
from tests.defections.making import full_answers, make_application, make_constituency, make_volunteer
from tests.defections.researching import HOUR, fresh, make_terms, release, verify

PRIVATE = Private(
    values=("Rowena Margaret", "Ashdown-Pryce", "14 Larkspur Terrace", "BA1 4QX", "rowan@example.org"),
    phones=("+441225496123", "+447700900456"),
    born=(date(1977, 3, 27),),
)


def left_of(text: str, private: Private = PRIVATE) -> str:
    """What is left of the text once every suggestion is taken."""
    marks = [copies._mark(one.start, one.end, one.kind.value) for one in suggestions(text, private)]
    return copies.shared_text(text, marks)


def kinds(text: str, private: Private = PRIVATE) -> set[Kind]:
    return {one.kind for one in suggestions(text, private)}


# --- Every field is classified ------------------------------------------------------------------------
TABLES = (
    "Application",
    "Answer",
    "Evidence",
    "EmailChange",
    "Claim",
    "Conflict",
    "Check",
    "Correction",
    "Contact",
    "Query",
    "SanitisedCopy",
)


@pytest.mark.parametrize("name", TABLES)
def test_of_every_column_somebody_has_said_what_an_assembly_is_told(name: str) -> None:
    model = apps.get_model("defections", name)
    columns = [*model._meta.concrete_fields, *model._meta.many_to_many]
    assert {field.name for field in columns} == set(COLUMNS[name])


def test_every_table_about_an_application_is_looked_at() -> None:
    """Letters, by post too, invitations, holds, routings: the assembly's or the office's own, made after the copy."""
    about = {
        model.__name__
        for model in apps.get_app_config("defections").get_models()
        if any(field.related_model is Application for field in model._meta.concrete_fields)
    }
    later = {"Hold", "HustingsInvitation", "Letter", "PostalLetter", "Routing"}
    assert about - later == set(TABLES) - {"Application"}
    assert set(COLUMNS) == set(TABLES)


def test_what_is_sealed_is_never_told_but_the_answers_and_corrections_item_by_item_and_the_copy() -> None:
    told = {
        f"{table}.{column}"
        for table, columns in COLUMNS.items()
        for column, share in columns.items()
        if "sealed" in column and share is not Share.NEVER
    }
    assert told == {"Answer.sealed", "Correction.value_sealed", "SanitisedCopy.content_sealed"}


def test_every_item_of_the_form_is_classified_and_headed() -> None:
    for section in SECTIONS:
        assert section.key in sanitising.HEADINGS
        for item in (*section.items, *section.rows):
            assert isinstance(item.share, Share)
            if item.share is Share.DERIVED:
                assert f"{section.key}.{item.name}" in sanitising._DERIVED
    assert len(item_keys()) == len(set(item_keys()))


# --- What the copy says -------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.policy("D17")
def test_the_copy_holds_what_is_listed_and_nothing_else() -> None:
    constituency = make_constituency()
    make_terms(constituency)
    links = {**full_answers(constituency)["links"], "statement": "My school friends still call me Rowena."}
    application = make_application(
        constituency=constituency, email="rowan@example.org", answers={"links": links}
    )
    done = release(application, timezone.now() - 4 * HOUR)
    content = done.copy.content
    shared = {
        f"{section.key}.{item.name}"
        for section in SECTIONS
        for item in (*section.items, *section.rows)
        if item.share is not Share.NEVER
    }
    for key in content:
        section, _dot, rest = key.partition(".")
        assert section == "verified" or f"{section}.{rest.rpartition('.')[2]}" in shared
    assert not {key.partition(".")[0] for key in content} & {"phones", "address"}
    assert content["birth.date_of_birth"] == "Yes"
    assert content["links.resident_since"] == "15 years and 9 months"
    assert content["employment.2.employer"] == "Pages of Bath"
    assert content["verified.phones"] == "Confirmed"
    assert content["name.family_name"] == "Ashdown"
    assert content["consensus.agreed_at"] == "30 May 2026"
    assert "verified.private_accounts" not in content
    reader = factories.make_member()
    factories.make_participation(reader, constituency)
    shown = text_of(client_of(reader).get(done.decision.get_absolute_url()))
    for told in ("Rowan", "Ashdown", "Librarian", "Bath and North East Somerset Council"):
        assert told in shown
    everything = " ".join(content.values()) + shown
    for secret in (
        "Rowena",
        "Pryce",
        "1977",
        "Larkspur",
        "4QX",
        "900456",
        "Quarry",
        "Somerset,",
        "rowan@example.org",
    ):
        assert secret not in everything


@pytest.mark.parametrize(
    ("findings", "told"),
    [
        (["confirmed", "confirmed"], "Confirmed"),
        (["confirmed", "doubtful"], "Doubtful, in whole or in part"),
        (["uncheckable"], "Could not be checked"),
        (["confirmed", "uncheckable"], "Confirmed in part; the rest could not be checked"),
    ],
)
def test_what_was_verified_is_one_line_a_section(findings: list[str], told: str) -> None:
    found = {f"office.{n}": finding for n, finding in enumerate(findings)}
    content = sanitising.build({}, {**found, "private_accounts.exist": "doubtful"}, at=timezone.now())
    assert content == {"verified.office": told}


@pytest.mark.parametrize(
    ("born", "of_age"), [("2008-06-02", "No"), ("2008-06-01", "Yes"), ("1977-03-27", "Yes")]
)
def test_of_age_is_the_day_in_london_on_which_it_was_sent(born: str, of_age: str) -> None:
    at = datetime(2026, 5, 31, 23, 30, tzinfo=UTC)  # the first of June in London
    content = sanitising.build({"birth": {"date_of_birth": born}}, {}, at=at)
    assert content == {"birth.date_of_birth": of_age}


def test_whether_there_are_private_accounts_does_not_show_in_the_copy() -> None:
    texts = [
        sanitising.build(
            {"private_accounts": {"exist": exist, "promised_at": "2026-05-30T10:00:00Z"}},
            {"private_accounts.exist": "confirmed"},
            at=timezone.now(),
        )
        for exist in (True, False)
    ]
    assert texts[0] == texts[1]


@pytest.mark.django_db
def test_free_text_anywhere_is_searched() -> None:
    answers: dict[str, Any] = full_answers(make_constituency())
    answers["office"]["body"] = "Council of 14 Larkspur Terrace"
    answers["public_accounts"]["rows"][0]["account"] = "call 07700 900456"
    application = make_application(answers=answers)
    verify(application, make_volunteer(), timezone.now())
    content = fresh(application).copy.content
    assert content["office.body"] == "Council of [removed]"
    assert content["public_accounts.1.account"] == "call [removed]"


@pytest.mark.django_db
@pytest.mark.policy("D17")
def test_of_an_address_abroad_the_assembly_gets_nothing_and_its_lines_are_looked_out_for() -> None:
    answers: dict[str, Any] = full_answers(make_constituency())
    answers["address"] = {"is_abroad": True, "postal_lines": "7 Lilac Row\nSaint Helier", "country": "Jersey"}
    answers["links"]["statement"] = "I am in Lilac  row, saint helier, and write from Jersey."
    application = make_application(answers=answers)
    verify(application, make_volunteer(), timezone.now())
    content = fresh(application).copy.content
    assert not [key for key in content if key.startswith("address.")]
    assert content["links.statement"] == "I am in [removed], [removed], and write from Jersey."
    assert content["verified.address"] == "Confirmed"


# --- What is suggested --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "Call 07700 900456.",
        "Call 07700\n900 456.",
        "Ring +44 (0)1225-496-123 now",
        "0 7 7 0 0 9 0 0 4 5 6",
        "٠٧٧٠٠٩٠٠٤٥٦",
        "07911.123.456",
        "call 496123",
    ],
)
def test_phone_numbers_are_found(text: str) -> None:
    assert Kind.PHONE in kinds(text)
    assert not any(char.isdigit() for char in left_of(text))


@pytest.mark.parametrize("text", ["from 2010-2015 and 2016 2019", "1,250 of 3,400 votes", "in ward 12"])
def test_years_and_counts_are_no_phone_numbers(text: str) -> None:
    assert suggestions(text, PRIVATE) == []


@pytest.mark.parametrize(
    "text",
    [
        "a.b@example.net",
        "a.b @ example.net",
        "a.b@\nexample.net",
        "ab (at) example (dot) net",
        "ab at example dot net",
    ],
)
def test_email_addresses_are_found(text: str) -> None:
    assert kinds(f"Write to {text} please") & {Kind.EMAIL}
    assert "example" not in left_of(f"Write to {text} please")


def test_a_name_on_a_public_network_is_no_email_address() -> None:
    assert suggestions("@rowan@social.example", PRIVATE) == []


@pytest.mark.parametrize("text", ["LS1 4AB", "ls14ab", "LS1\n4AB", "SW1A 1AA", "gir 0aa"])
def test_postcodes_are_found(text: str) -> None:
    assert Kind.POSTCODE in kinds(f"near {text}.")


@pytest.mark.parametrize(
    "text",
    ["12 Acacia Avenue", "12a, St John's Road", "Flat 3, 9 High St", "7 Heol Fawr", "Flat 12", "PO Box 99"],
)
def test_street_addresses_are_found(text: str) -> None:
    assert kinds(f"I live at {text} still") & {Kind.ADDRESS}


@pytest.mark.parametrize(
    "text",
    ["In 2019 we opened the new park", "We are 300 volunteers at the old mill and park", "On 5 days a week"],
)
def test_numbers_before_other_words_are_no_address(text: str) -> None:
    assert suggestions(text, PRIVATE) == []


@pytest.mark.parametrize(
    "text",
    [
        "27/3/77",
        "27.03.1977",
        "1977-03-27",
        "3/27/1977",
        "27th of March, 1977",
        "March 27, 1977",
        "27 Mar 77",
        "27 Mawrth 1977",
        "27\nMarch\n1977",
        "19770327",
    ],
)
def test_the_date_of_birth_is_found_in_any_usual_spelling(text: str) -> None:
    assert kinds(f"They met on {text} in Bath") == {Kind.BIRTH}


def test_another_date_is_not_but_beside_born() -> None:
    assert suggestions("Elected on 2 May 2019", PRIVATE) == []
    assert kinds("I was born in Leeds on 2 May 1981") == {Kind.BIRTH}
    assert kinds("born 1981") == {Kind.BIRTH}


@pytest.mark.parametrize(
    "text",
    ["ROWENA  MARGARET", "Rowéna Margaret", "rowena\nmargaret", "Ashdown Pryce", "ashdown‑pryce", "ba14qx", "BA1\n4QX",
     "14, larkspur\nterrace", "rowan @ example.org", "r o w e n a margaret", "Ro\u00adwena Margaret"],
)  # fmt: skip
def test_private_values_are_found_however_they_are_written(text: str) -> None:
    assert suggestions(f"So they say: {text}!", PRIVATE)
    assert left_of(f"So they say: {text}!") == "So they say: [removed]!"


def test_a_name_inside_another_word_is_not_found() -> None:
    assert suggestions("The Rowena Margarets of Ashdown", PRIVATE) == []


def test_each_own_part_of_a_legal_name_is_looked_for_and_none_that_is_shared() -> None:
    answers = {
        "name": {
            "given_name": "Rowan",
            "family_name": "Ashdown",
            "legal_differs": True,
            "legal_given_name": "Rowena",
            "legal_family_name": "Ashdown-Pryce",
        }
    }
    private = sanitising.private_values(answers, "")
    assert left_of("Rowan Ashdown, called Pryce and Rowena", private) == (
        "Rowan Ashdown, called [removed] and [removed]"
    )


# --- Of any text --------------------------------------------------------------------------------------
WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=40)
SECRETS = st.sampled_from(PRIVATE.values)


@st.composite
def written(draw: st.DrawFn) -> str:
    """A private value, its letters' case, accents and spacing as somebody may have written them."""
    spaces = st.sampled_from([" ", "  ", "\n", "\u00a0", "\t"])
    chars: list[str] = []
    for char in draw(SECRETS):
        if char == " ":
            chars.append(draw(spaces))
            continue
        one = draw(st.sampled_from([char.upper(), char.lower(), char]))
        accent = draw(st.sampled_from(["", "", "", "\u0301", "\u0308"])) if one.isalpha() else ""
        chars.append(unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), one + accent))
    return "".join(chars)


@given(before=WORDS, secret=written(), after=WORDS)
def test_no_spelling_of_a_private_value_is_left(before: str, secret: str, after: str) -> None:
    text = f"{before} {secret} {after}"
    start = len(before) + 1
    covered = {place for one in suggestions(text, PRIVATE) for place in range(one.start, one.end)}
    assert {place for place in range(start, start + len(secret)) if text[place].isalnum()} <= covered


@given(text=st.text(max_size=300))
def test_suggestions_lie_in_the_text_in_order_without_overlap(text: str) -> None:
    end = 0
    for one in suggestions(text, PRIVATE):
        assert end <= one.start < one.end <= len(text)
        end = one.end


@given(text=st.text(max_size=200), data=st.data())
def test_what_is_typed_is_taken_out_wherever_it_stands(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    passage = text[start : start + data.draw(st.integers(1, 20))]
    found = occurrences(text, passage)
    if " ".join(fold(passage).plain.split()):
        assert all(0 <= first < last <= len(text) for first, last in found)
        marks = [copies._mark(first, last, copies.TYPED, copies.REMOVE) for first, last in found]
        assert (
            occurrences(copies.shared_text(text, marks).replace("[removed]", "\x00"), passage) == []
            or not found
        )


@given(
    text=st.text(max_size=200), spans=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 40)), max_size=6)
)
def test_the_pieces_make_the_text_again(text: str, spans: list[tuple[int, int]]) -> None:
    marks = [
        copies._mark(start, min(start + size, len(text)), "phone")
        for start, size in spans
        if start < len(text)
    ]
    pieces = copies.pieces(text, marks)
    assert "".join(piece for piece, _removed in pieces) == text
    removed = {place for mark in marks for place in range(mark["start"], mark["end"])}
    kept = "".join(char for place, char in enumerate(text) if place not in removed)
    assert "".join(piece for piece, is_removed in pieces if not is_removed) == kept
