"""Every item of data that the form asks for, in order, with what an assembly is given of it.

This is the allow-list of the sanitised copy (D17). A key that is not here cannot be saved, and a new one is
invisible outside the research until its `share` says otherwise.

How values are written: text as typed; a choice by its value (Level, Basis); yes and no as true and false; a date
as "1977-03-27", a month as "1977-03", a moment as ISO 8601 in UTC; an assembly by its id. What was left empty
is "" or is not there.
"""

from dataclasses import dataclass
from enum import Enum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Level(TextChoices):
    """Where an office is held, from the parish to the parliaments (D1)."""

    PARISH = "parish", _("Parish, town or community council")
    DISTRICT = "district", _("District or borough council")
    COUNTY = "county", _("County council")
    UNITARY = "unitary", _("Unitary, metropolitan or London borough council")
    COMBINED = "combined", _("Combined authority or directly elected mayor")
    POLICE = "police", _("Police, fire and crime commissioner")
    LONDON = "london", _("London Assembly or Mayor of London")
    SENEDD = "senedd", _("Senedd Cymru (Welsh Parliament)")
    SCOTLAND = "scotland", _("Scottish Parliament")
    NORTHERN_IRELAND = "northern_ireland", _("Northern Ireland Assembly")
    COMMONS = "commons", _("House of Commons")
    LORDS = "lords", _("House of Lords")


class Basis(TextChoices):
    """What ties an applicant to the area (D11)."""

    LINKS = "links", _("Local links")
    RESIDENCE = "residence", _("Residence")


class Share(Enum):
    """What the sanitised copy says of an item."""

    NEVER = "never"  # nothing, not even that it was given
    DERIVED = "derived"  # a fact worked out from it, never the item
    AS_GIVEN = "as_given"  # the item itself
    REVIEWED = "reviewed"  # free text, with redactions that the research decides on


@dataclass(frozen=True)
class Item:
    """One thing asked for. In a section that repeats, each row has it."""

    name: str
    label: Promise
    share: Share
    checked: bool = True  # whether it is a line of the research's checklist
    is_fact: bool = True  # whether the research can correct it; what somebody agreed to stays as they said it
    is_public: bool = (
        False  # of what is not shared: known of anybody in the area, so not looked out for elsewhere
    )

    @property
    def is_traced(self) -> bool:
        """Whether the copy is searched for it: it was given in confidence."""
        return self.share in (Share.NEVER, Share.DERIVED) and not self.is_public


@dataclass(frozen=True)
class Section:
    """A part of the form: one row of the task list, one sealed answer {item name: value}.

    In one that repeats the answer has "rows" as well: a list of such objects, by the names of `rows`.
    """

    key: str
    label: Promise
    items: tuple[Item, ...]
    rows: tuple[Item, ...] = ()
    policy: str = ""
    is_told: bool = True  # whether the copy says what the research found about it


SECTIONS: tuple[Section, ...] = (
    Section(
        "name",
        _("Your name"),
        (
            Item("given_name", _("Given names"), Share.AS_GIVEN),
            Item("family_name", _("Family name"), Share.AS_GIVEN),
            Item("legal_differs", _("Legal name is different"), Share.NEVER, checked=False),
            Item("legal_given_name", _("Legal given names"), Share.NEVER),
            Item("legal_family_name", _("Legal family name"), Share.NEVER),
        ),
        policy="D7",
    ),
    Section(
        "birth",
        _("Your date of birth"),
        (Item("date_of_birth", _("Date of birth"), Share.DERIVED),),  # "of age: yes"
        policy="D8",
    ),
    Section(
        "phones",
        _("Your phone numbers"),
        (
            Item("home_phone", _("Home phone"), Share.NEVER),
            Item("mobile_phone", _("Mobile phone"), Share.NEVER),
        ),
        policy="D9",
    ),
    Section(
        "address",
        _("Your address"),
        (
            Item("line_1", _("Address line 1"), Share.NEVER),
            Item("line_2", _("Address line 2"), Share.NEVER, checked=False),
            Item("town", _("Town or city"), Share.NEVER, checked=False, is_public=True),
            Item("county", _("County"), Share.NEVER, checked=False, is_public=True),
            Item("postcode", _("Postcode"), Share.NEVER, checked=False),
            Item("is_abroad", _("Lives outside the United Kingdom"), Share.NEVER, checked=False),
            Item("postal_lines", _("Address outside the United Kingdom"), Share.NEVER),
            Item("country", _("Country"), Share.NEVER, checked=False, is_public=True),
        ),
        policy="D9",
    ),
    Section(
        "office",
        _("The office you hold"),
        (
            Item("level", _("Level"), Share.AS_GIVEN),
            Item("body", _("Council, assembly or parliament"), Share.AS_GIVEN),
            Item("area", _("Ward, division or constituency represented"), Share.AS_GIVEN),
            Item("held_since", _("Held since"), Share.AS_GIVEN),
            Item("elected_as", _("Elected as"), Share.AS_GIVEN),
        ),
        policy="D1",
    ),
    Section(
        "party",
        _("Your present party"),
        (
            Item("is_independent", _("Independent"), Share.AS_GIVEN, checked=False),
            Item("party", _("Party"), Share.AS_GIVEN),
        ),
        policy="D1",
    ),
    Section(
        "society",
        _("Your local society"),
        (Item("constituency", _("Constituency"), Share.AS_GIVEN),),  # the id of its assembly
        policy="D19",
    ),
    Section(
        "links",
        _("Your links with the area"),
        (
            Item("basis", _("Local links or residence"), Share.AS_GIVEN, checked=False),
            Item("statement", _("Statement of links or residence"), Share.REVIEWED),
            Item("resident_since", _("Resident since"), Share.DERIVED),  # how long
        ),
        policy="D11",
    ),
    Section(
        "employment",
        _("Your employment"),
        (
            Item("is_employed", _("Employed at present"), Share.AS_GIVEN, checked=False),
            Item(
                "is_complete",
                _("This is the whole history"),
                Share.NEVER,
                checked=False,
                is_fact=False,
            ),
        ),
        rows=(
            Item("title", _("Job"), Share.AS_GIVEN),
            Item("employer", _("Employer"), Share.AS_GIVEN),
            Item("employer_address", _("Employer’s address"), Share.NEVER),
            Item("began", _("From"), Share.AS_GIVEN, checked=False),
            Item("ended", _("Until"), Share.AS_GIVEN, checked=False),
        ),
        policy="D10",
    ),
    Section(
        "public_accounts",
        _("Your public accounts"),
        (Item("has_any", _("Any public accounts"), Share.AS_GIVEN, checked=False),),
        rows=(
            Item("platform", _("Platform"), Share.AS_GIVEN, checked=False),
            Item("account", _("Account name"), Share.AS_GIVEN),
        ),
        policy="D12",
    ),
    Section(
        "private_accounts",
        _("Your private accounts"),
        (
            Item("exist", _("Any private accounts"), Share.NEVER),
            Item(
                "promised_at", _("Promise to keep them private"), Share.AS_GIVEN, checked=False, is_fact=False
            ),
        ),
        policy="D13",
        is_told=False,  # what was found about them would tell whether there are any
    ),
    Section(
        "principles",
        _("The Kernel and the Four Principles"),
        (
            Item(
                "agreed_at", _("Agreed to the Four Principles"), Share.AS_GIVEN, checked=False, is_fact=False
            ),
        ),
        policy="D4",
    ),
    Section(
        "consensus",
        _("Party Consensus"),
        (
            Item(
                "agreed_at",
                _("Agreed to follow Party Consensus"),
                Share.AS_GIVEN,
                checked=False,
                is_fact=False,
            ),
        ),
        policy="D5",
    ),
    Section(
        "declaration",
        _("Declaration"),
        (Item("declared_at", _("Declared true and complete"), Share.AS_GIVEN, checked=False, is_fact=False),),
    ),
)
BY_KEY = {section.key: section for section in SECTIONS}


def item_keys() -> list[str]:
    """ "section.item" of every item of the form, in order."""
    return [f"{section.key}.{item.name}" for section in SECTIONS for item in (*section.items, *section.rows)]


# What an assembly is told of each column beside the answers. A column that is not here fails a test: whoever adds
# one decides. NEVER is what the canary looks for as well; DERIVED is told as a fact ("confirmed").
_N, _D, _G = Share.NEVER, Share.DERIVED, Share.AS_GIVEN
COLUMNS: dict[str, dict[str, Share]] = {
    "Application": {
        "id": _N,
        "reference": _G,
        "release": _N,
        "origin": _N,
        "key_wrapped": _N,
        "email_mark": _N,
        "email_sealed": _N,
        "email_changed_at": _N,
        "entered_by": _N,
        "arrival_sealed": _N,
        "started_at": _N,
        "saved_at": _N,
        "sent_at": _G,
        "verification": _D,
        "verified_at": _G,
        "verified_by": _N,
        "summary_sealed": _N,
        "decision": _G,
        "person": _N,
        "withdrawn_at": _G,
        "closed_at": _G,
        "erased_at": _N,
        "warned_at": _N,
        "letter_chased_at": _N,
    },
    "Answer": {"id": _N, "application": _N, "section": _N, "sealed": _D, "saved_at": _N},  # see SECTIONS
    "Evidence": {
        "id": _N,
        "application": _N,
        "proves": _N,
        "media_type": _N,
        "size": _N,
        "name_sealed": _N,
        "content_sealed": _N,
        "added_at": _N,
        "added_by": _N,
    },
    "EmailChange": {
        "id": _N,
        "application": _N,
        "email_mark": _N,
        "email_sealed": _N,
        "asked_at": _N,
        "asked_by": _N,
        "ends_at": _N,
        "called_at": _N,
        "called_by": _N,
        "note_sealed": _N,
        "confirmed_at": _N,
        "stopped_at": _N,
    },
    "Claim": {
        "id": _N,
        "application": _N,
        "person": _N,
        "claimed_at": _N,
        "let_go_at": _N,
        "let_go_because": _N,
    },
    "Conflict": {"id": _N, "application": _N, "person": _N, "declared_at": _N},
    "Check": {
        "id": _N,
        "application": _N,
        "item": _D,
        "finding": _D,
        "note_sealed": _N,
        "evidence": _N,
        "checked_by": _N,
        "checked_at": _N,
    },
    "Correction": {
        "id": _N,
        "application": _N,
        "item": _D,
        "value_sealed": _D,  # as its item in SECTIONS
        "source": _N,
        "how_sealed": _N,
        "corrected_by": _N,
        "corrected_at": _N,
    },
    "Contact": {
        "id": _N,
        "application": _N,
        "way": _N,
        "is_direct": _N,
        "was_reached": _N,
        "note_sealed": _N,
        "contacted_at": _N,
        "entered_by": _N,
        "entered_at": _N,
    },
    "Query": {
        "id": _N,
        "application": _N,
        "question_sealed": _N,
        "asked_by": _N,
        "asked_at": _N,
        "answer_sealed": _N,
        "answered_at": _N,
        "taken_back_at": _N,
    },
    "SanitisedCopy": {
        "id": _N,
        "application": _N,
        "key_wrapped": _N,
        "content_sealed": _G,
        "review_sealed": _N,
        "made_by": _N,
        "made_at": _N,
        "makers": _N,
        "prepared_at": _N,
        "released_by": _N,
        "released_at": _G,
        "erased_at": _N,
    },
}
