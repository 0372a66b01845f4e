"""What an application lacks before it can be sent, section by section, each as a sentence (STYLE 13)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from defections.catalogue import SECTIONS, Basis

Given: TypeAlias = Mapping[str, Any]  # one section's answer, by the names of the catalogue


@dataclass(frozen=True)
class Lack:
    """Something that is missing, and the section in which to put it right."""

    section: str
    sentence: str


def lacks(answers: Mapping[str, Given]) -> list[Lack]:
    """Everything that `answers` (by section) lack, in the order of the form; empty when they are complete."""
    return [
        Lack(section.key, str(sentence))
        for section in SECTIONS
        if (sentence := _WANTS[section.key](answers.get(section.key, {})))
    ]


def is_complete(section: str, given: Given) -> bool:
    """Whether nothing is missing in one section."""
    return not _WANTS[section](given)


Want: TypeAlias = Callable[[Given], "Promise | str"]


def _all_of(sentence: Promise, *names: str) -> Want:
    return lambda given: "" if all(given.get(name) for name in names) else sentence


def _name(given: Given) -> Promise | str:
    if not given.get("given_name") or "family_name" not in given:  # empty: they have only one name
        return _("Give your name.")
    if given.get("legal_differs") is None:
        return _("Say whether your legal name is another one.")
    if given["legal_differs"] and not given.get("legal_given_name"):
        return _("Give your legal name.")
    return ""


def _phones(given: Given) -> Promise | str:
    return (
        "" if given.get("home_phone") or given.get("mobile_phone") else _("Give at least one phone number.")
    )


def _address(given: Given) -> Promise | str:
    if given.get("is_abroad"):
        is_whole = given.get("postal_lines") and given.get("country")
        return "" if is_whole else _("Give your address outside the United Kingdom, and the country.")
    is_whole = given.get("line_1") and given.get("town") and given.get("postcode")
    return "" if is_whole else _("Give your address.")


def _party(given: Given) -> Promise | str:
    if given.get("is_independent") or given.get("party"):
        return ""
    return _("Say which party you belong to now, or that you are independent.")


def _links(given: Given) -> Promise | str:
    if given.get("basis") not in Basis.values:
        return _("Say what ties you to the area: local links, or that you live there.")
    if given["basis"] == Basis.RESIDENCE and not given.get("resident_since"):
        return _("Say since when you have lived in the area.")
    return "" if given.get("statement") else _("Tell us about your links with the area.")


def _employment(given: Given) -> Promise | str:
    rows = given.get("rows") or []
    if given.get("is_employed") is None:
        return _("Say whether you are employed now.")
    if given["is_employed"] and not any(not row.get("ended") for row in rows):
        return _("Add the job that you have now.")
    return "" if given.get("is_complete") else _("Say that you have told us your whole employment history.")


def _public_accounts(given: Given) -> Promise | str:
    if given.get("has_any") is None:
        return _("Say whether you have public accounts on social media.")
    if given["has_any"] and not given.get("rows"):
        return _("Add your public accounts on social media.")
    return ""


def _private_accounts(given: Given) -> Promise | str:
    if given.get("exist") is None:
        return _("Say whether you have private accounts.")
    return "" if given.get("promised_at") else _("Promise to keep private accounts private.")


_WANTS: dict[str, Want] = {
    "name": _name,
    "birth": _all_of(_("Give your date of birth."), "date_of_birth"),
    "phones": _phones,
    "address": _address,
    "office": _all_of(
        _("Tell us about the office that you hold."), "level", "body", "area", "held_since", "elected_as"
    ),
    "party": _party,
    "society": _all_of(_("Choose the constituency of your local society."), "constituency"),
    "links": _links,
    "employment": _employment,
    "public_accounts": _public_accounts,
    "private_accounts": _private_accounts,
    "principles": _all_of(_("Agree to seek to adhere to the Four Principles."), "agreed_at"),
    "consensus": _all_of(_("Agree to follow Party Consensus."), "agreed_at"),
    "declaration": _all_of(_("Declare that what you told us is true and complete."), "declared_at"),
}
