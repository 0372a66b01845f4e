"""The office that the applicant holds, their party, and what ties them to the area (D1, D11)."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from decisions.forms import text_area
from defections.catalogue import Basis, Level
from defections.form.fields import line, month_field
from defections.form.section_form import SectionForm
from defections.wording import month_of

MOST_STATEMENT = 4000
IN_THE_PAST = _("Enter a month that has begun")


class LevelForm(SectionForm):
    """At what level the office is held, from the parish to the parliaments."""

    level = forms.ChoiceField(
        label=_("At what level do you hold office?"),
        choices=Level.choices,
        widget=forms.RadioSelect,
        help_text=_("If you hold more than one office, choose the one that you would bring with you first."),
        error_messages={
            "required": _("Choose the level at which you hold office"),
            "invalid_choice": _("Choose the level at which you hold office"),
        },
    )


class OfficeForm(SectionForm):
    """Which office, where, since when."""

    body = line(
        _("Name of the council, assembly or parliament"),
        _("Enter the name of the council, assembly or parliament"),
        hint=_("For example, Bath and North East Somerset Council"),
        most=160,
    )
    area = line(
        _("Ward, division or constituency that you represent"),
        _("Enter what you represent; if there is no such area, write the name of the body again"),
        most=160,
    )
    held_since = month_field(
        _("When did you take office?"),
        required=_("Enter when you took office"),
        month_year=_("Enter when you took office"),
    )
    elected_as = line(
        _("For which party did you stand?"),
        _("Enter the party that you stood for, or write independent"),
        hint=_("Write independent if you stood for none, or appointed if you were not elected."),
    )

    def clean_held_since(self) -> str:
        """Refuses a month to come."""
        return past(self.cleaned_data["held_since"], self.about.today)


class PartyForm(SectionForm):
    """In a party, or independent."""

    is_independent = forms.TypedChoiceField(
        label=_("Do you belong to a party now?"),
        choices=[("no", _("Yes, I belong to a party")), ("yes", _("No, I am independent"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether you belong to a party")},
    )

    def initial_from(self, given: Any) -> dict[str, Any]:
        """The choice that was made."""
        chosen = given.get("is_independent")
        return {} if chosen is None else {"is_independent": "yes" if chosen else "no"}

    def answer(self) -> dict[str, Any]:
        """Without a party for an independent."""
        given = super().answer()
        return {**given, "party": ""} if given["is_independent"] else given


class PartyNameForm(SectionForm):
    """Which party."""

    party = line(_("Which party do you belong to?"), _("Enter the name of your party"))


class BasisForm(SectionForm):
    """By links or by residence (D11)."""

    basis = forms.ChoiceField(
        label=_("What ties you to this area?"),
        choices=[
            (Basis.RESIDENCE, _("I live there")),
            (Basis.LINKS, _("I have other significant links there")),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what ties you to the area"),
            "invalid_choice": _("Choose what ties you to the area"),
        },
    )

    def answer(self) -> dict[str, Any]:
        """Without a length of residence where links are shown."""
        given = super().answer()
        return {**given, "resident_since": ""} if given["basis"] == Basis.LINKS else given


class LinksForm(SectionForm):
    """The links, in the applicant's own words."""

    statement = text_area(
        _("What are your links with the area?"),
        missing=_("Tell us about your links with the area"),
        limit=MOST_STATEMENT,
        rows=8,
        help_text=_(
            "For example, where you work, study or volunteer there, and since when. Leave out addresses and "
            "phone numbers, of other people too."
        ),
    )


class ResidenceForm(SectionForm):
    """Since when the applicant has lived there, against what the society asks."""

    resident_since = month_field(
        _("Since when have you lived in the area?"),
        required=_("Enter since when you have lived in the area"),
        month_year=_("Enter since when you have lived in the area"),
    )
    statement = text_area(
        _("How can that be shown?"),
        missing=_("Tell us how it can be shown that you live there"),
        limit=MOST_STATEMENT,
        rows=5,
        help_text=_(
            "For example, that you are on the register of electors there. Leave out addresses and phone numbers."
        ),
    )

    def clean_resident_since(self) -> str:
        """Refuses a month to come, and a residence shorter than the society asks for."""
        since = past(self.cleaned_data["resident_since"], self.about.today)
        asked, lived = self.about.residence_months or 0, months_between(since, self.about.today)
        if lived < asked:
            wanted = ngettext("%(n)d month", "%(n)d months", asked) % {"n": asked}
            raise forms.ValidationError(
                _now(
                    "The society asks for %(wanted)s of residence, and this is less. If you have other links "
                    "with the area, go back and choose those instead."
                )
                % {"wanted": wanted},
                code="unreal",
            )
        return since


def past(month: str, today: date) -> str:
    """`month` as it came. Raises ValidationError for one that has not begun, or over a century ago."""
    first = month_of(month)
    if first is not None and (first > today or first.year < today.year - 100):
        raise forms.ValidationError(IN_THE_PAST if first > today else _("Check the year"), code="month_year")
    return month


def months_between(month: str, today: date) -> int:
    """How many months lie between "2019-05" and today, both months counted from their first day; 0 for no month."""
    first = month_of(month)
    return 0 if first is None else (today.year - first.year) * 12 + today.month - first.month
