"""The form on paper (D2 to D13, D15): all of a release on one page to print, fill in, sign, and post or scan.

Every question that the catalogue has stands here with the catalogue's own words; a test fails on one that lacks.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from defections import catalogue
from defections.models import FormRelease, Passage


@dataclass(frozen=True)
class Question:
    """Something to fill in: `lines` to write on, boxes to tick, or the three boxes of a date."""

    key: str  # "section.item" of the catalogue
    label: Promise
    lines: int = 1
    choices: tuple[Promise, ...] = ()
    is_date: bool = False
    hint: Promise | str = ""

    @property
    def line_numbers(self) -> range:
        """One for each line to write on."""
        return range(self.lines)


@dataclass(frozen=True)
class Part:
    """A numbered part of the form: what it says first, its questions, a table to fill in, what is signed."""

    section: str
    label: Promise
    intro: Promise | str = ""
    questions: tuple[Question, ...] = ()
    columns: tuple[Promise, ...] = ()
    rows: int = 0
    notices: tuple[Passage.Key, ...] = ()
    pledges: tuple[Passage.Key, ...] = ()
    has_kernel: bool = False


_YES_NO = (_("Yes"), _("No"))
# What differs from one line to write on, by the catalogue's keys.
_SHAPES: dict[str, dict[str, Any]] = {
    "name.legal_differs": {"choices": _YES_NO, "hint": _("If yes, give the legal name as well.")},
    "birth.date_of_birth": {"is_date": True},
    "address.is_abroad": {
        "choices": _YES_NO,
        "hint": _("If yes, leave the lines above empty, and give the address there."),
    },
    "address.postal_lines": {"lines": 4},
    "office.level": {"choices": tuple(level.label for level in catalogue.Level)},
    "office.held_since": {"hint": _("Month and year.")},
    "office.elected_as": {
        "hint": _("The party that you stood for; independent, or appointed if you were not elected.")
    },
    "party.is_independent": {"choices": _YES_NO},
    "party.party": {"hint": _("If you belong to one now.")},
    "links.basis": {"choices": tuple(basis.label for basis in catalogue.Basis)},
    "links.statement": {
        "lines": 8,
        "hint": _("Leave out addresses and phone numbers, of other people too."),
    },
    "links.resident_since": {"hint": _("Month and year, if you rely on residence.")},
    "employment.is_employed": {"choices": _YES_NO, "hint": _("Beside the office that you hold.")},
    "employment.is_complete": {"choices": _YES_NO},
    "public_accounts.has_any": {"choices": _YES_NO},
    "private_accounts.exist": {"choices": _YES_NO},
}
_INTROS: dict[str, Promise] = {
    "name": _("The name that you go by, and your legal name where it differs."),
    "phones": _("At least one number; both if you have them."),
    "society": _("The parliamentary constituency whose society is to consider this."),
    "links": _(
        "Show either significant links with the area or that you live there. What counts is decided by the local "
        "society: ask for its terms, or read them on the site. Add copies of what proves it."
    ),
    "employment": _(
        "Your present employment first, then what came before it. Go on on another sheet if you need to."
    ),
    "public_accounts": _("Your public accounts on social media. Go on on another sheet if you need to."),
    "private_accounts": _("Whether you have private accounts. Do not tell us their names."),
}
_NOTICES = {
    "private_accounts": (Passage.Key.PRIVATE_BREACH,),
    "principles": (Passage.Key.RESELECTION,),
    "declaration": (Passage.Key.DATA,),
}
_PLEDGES = {
    "private_accounts": (Passage.Key.PRIVACY,),
    "principles": (Passage.Key.PRINCIPLES,),
    "consensus": (Passage.Key.CONSENSUS,),
    "declaration": (Passage.Key.TRUTH,),
}
# Given on paper by a signature below the pledge.
SIGNED = {
    "private_accounts.promised_at",
    "principles.agreed_at",
    "consensus.agreed_at",
    "declaration.declared_at",
}
_ROWS = 5


def parts() -> list[Part]:
    """The parts of the paper form, in the catalogue's order."""
    return [_part(section) for section in catalogue.SECTIONS]


def _part(section: catalogue.Section) -> Part:
    keyed = [(f"{section.key}.{item.name}", item.label) for item in section.items]
    return Part(
        section.key,
        section.label,
        intro=_INTROS.get(section.key, ""),
        questions=tuple(
            Question(key, label, **_SHAPES.get(key, {})) for key, label in keyed if key not in SIGNED
        ),
        columns=tuple(item.label for item in section.rows),
        rows=_ROWS if section.rows else 0,
        notices=_NOTICES.get(section.key, ()),
        pledges=_PLEDGES.get(section.key, ()),
        has_kernel=section.key == "principles",
    )


def page(request: HttpRequest, release: FormRelease, *, back: str, is_preview: bool = False) -> HttpResponse:
    """The release as one page to print; `back` is the address of the page before."""
    texts = {passage.key: passage.text for passage in release.passages.all()}
    whole = [
        {
            "part": part,
            "notices": [texts[key] for key in part.notices if key in texts],
            "pledges": [texts[key] for key in part.pledges if key in texts],
        }
        for part in parts()
    ]
    context = {
        "release": release,
        "readers": texts.get(Passage.Key.READERS, ""),
        "parts": whole,
        "row_numbers": range(_ROWS),
        "back": back,
        "is_preview": is_preview,
        "post_to": settings.DEFECTIONS_POST_TO,
        "email_to": settings.DEFECTIONS_EMAIL_TO,
    }
    return render(request, "defections/office/form_print.html", context)
