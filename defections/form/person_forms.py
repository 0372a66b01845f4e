"""Who the applicant is and how to reach them (D7, D8, D9)."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assemblies.ages import age_on
from defections.completeness import Given
from defections.form.fields import PhoneField, PostcodeField, YesNoField, line
from defections.form.section_form import SectionForm
from members.forms import OLDEST, birth_field

YOUNGEST = 18  # years: nobody younger can be elected to any office in the United Kingdom


def _one_name() -> forms.BooleanField:
    return forms.BooleanField(label=_("I have only one name"), required=False)


class NamesForm(SectionForm):
    """Given names and a family name; of those who have one name only, that one."""

    first: str  # the names of the two fields
    last: str
    missing: Any  # what to say where there is no family name

    def initial_from(self, given: Given) -> dict[str, Any]:
        """A saved name without a family name is an only one."""
        has_one = bool(given.get(self.first)) and not given.get(self.last)
        return {**super().initial_from(given), "has_one_name": has_one}

    def clean(self) -> dict[str, Any]:
        """Refuses no family name without the tick, and one with it."""
        given = super().clean() or self.cleaned_data
        if self.last in self.errors:
            return given
        if given.get("has_one_name") and given.get(self.last):
            sentence = _("Leave the family name empty if you have only one name, or take out the tick")
            self.add_error(self.last, forms.ValidationError(sentence, code="invalid"))
        elif not given.get("has_one_name") and not given.get(self.last):
            self.add_error(self.last, forms.ValidationError(self.missing, code="required"))
        return given

    def answer(self) -> dict[str, Any]:
        """What to save: the tick shows in the name itself."""
        return {name: value for name, value in super().answer().items() if name != "has_one_name"}


class NameForm(NamesForm):
    """The name that the applicant is known by."""

    first, last = "given_name", "family_name"
    wanted = ("family_name",)
    missing = _("Enter your family name, or tick that you have only one name")

    given_name = line(
        _("Given names"), _("Enter your given names"), autocomplete="given-name", spellcheck="false"
    )
    family_name = line(_("Family name"), autocomplete="family-name", spellcheck="false")
    has_one_name = _one_name()
    legal_differs = YesNoField(
        label=_("Is your legal name different from this?"),
        missing=_("Say whether your legal name is different"),
        help_text=_("For example, the name in your passport."),
    )

    def answer(self) -> dict[str, Any]:
        """Without a legal name that does not differ."""
        given = super().answer()
        return given if given["legal_differs"] else {**given, "legal_given_name": "", "legal_family_name": ""}


class LegalNameForm(NamesForm):
    """The legal name, where it is another one."""

    first, last = "legal_given_name", "legal_family_name"
    wanted = ("legal_family_name",)
    missing = _("Enter your legal family name, or tick that you have only one name")

    legal_given_name = line(_("Legal given names"), _("Enter your legal given names"), spellcheck="false")
    legal_family_name = line(_("Legal family name"), spellcheck="false")
    has_one_name = _one_name()


class BirthForm(SectionForm):
    """The date of birth."""

    date_of_birth = birth_field()

    def initial_from(self, given: Given) -> dict[str, Any]:
        """The date for the boxes."""
        text = given.get("date_of_birth")
        return {"date_of_birth": date.fromisoformat(text)} if text else {}

    def clean_date_of_birth(self) -> date:
        """Refuses a day to come, one that nobody alive was born on, and people too young to hold an office."""
        born: date = self.cleaned_data["date_of_birth"]
        if born > self.about.today:
            raise forms.ValidationError(_("Your date of birth must be in the past"), code="unreal")
        if born.year < self.about.today.year - OLDEST:
            raise forms.ValidationError(_("Check the year of your birth"), code="short_year")
        if age_on(born, self.about.today) < YOUNGEST:
            raise forms.ValidationError(
                _(
                    "You must be 18 or over: this form is for people who hold an elected office, "
                    "and nobody younger can. Check the date, or write to us."
                ),
                code="unreal",
            )
        return born

    def answer(self) -> dict[str, Any]:
        """The date as text."""
        return {"date_of_birth": self.cleaned_data["date_of_birth"].isoformat()}


_PHONE = {
    "invalid": _("Enter a phone number, like 01225 496123, 07700 900456 or +44 808 157 0192"),
    "max_length": _("That is longer than any phone number"),
}


class PhonesForm(SectionForm):
    """Home and mobile; one of them at least."""

    wanted = ("mobile_phone", "home_phone")
    mobile_phone = PhoneField(label=_("Mobile phone"), error_messages=_PHONE)
    home_phone = PhoneField(label=_("Home phone"), error_messages=_PHONE)

    def clean(self) -> dict[str, Any]:
        """Refuses two empty boxes."""
        given = super().clean() or self.cleaned_data
        if not self.errors and not (given.get("home_phone") or given.get("mobile_phone")):
            self.add_error(
                "mobile_phone", forms.ValidationError(_("Enter at least one phone number"), code="required")
            )
        return given


class AddressForm(SectionForm):
    """Where the applicant lives: in the United Kingdom, or a tick that leads on to the next page."""

    wanted = ("line_1", "town", "postcode")
    field_order = ("is_abroad", "line_1", "line_2", "town", "county", "postcode")
    is_abroad = forms.BooleanField(
        label=_("I live outside the United Kingdom: ask for my address there on the next page"),
        required=False,
    )
    line_1 = line(_("Address line 1"), autocomplete="address-line1")
    line_2 = line(_("Address line 2"), autocomplete="address-line2")
    town = line(_("Town or city"), most=80, autocomplete="address-level2")
    county = line(_("County"), most=80)
    postcode = PostcodeField(
        label=_("Postcode"),
        required=False,
        max_length=20,
        widget=forms.TextInput(
            attrs={"class": "width-10", "autocomplete": "postal-code", "spellcheck": "false"}
        ),
        error_messages={
            "invalid": _(
                "Enter a full postcode of the United Kingdom, like BA1 4QX, or BFPO 57; if you live elsewhere, "
                "tick that you do"
            ),
            "max_length": _("That is longer than any postcode"),
        },
    )
    _needed = (
        ("line_1", _("Enter the first line of your address")),
        ("town", _("Enter your town or city")),
        ("postcode", _("Enter your postcode, or tick that you live outside the United Kingdom")),
    )

    def clean(self) -> dict[str, Any]:
        """Refuses an address that is not whole; of somebody who lives abroad, what stands here does not count."""
        given = super().clean() or self.cleaned_data
        if given.get("is_abroad"):
            for name in [name for name in self.errors if name != "is_abroad"]:
                del self.errors[name]
            return {**dict.fromkeys(self.fields, ""), "is_abroad": True}
        for name, missing in self._needed:
            if name not in self.errors and not given.get(name):
                self.add_error(name, forms.ValidationError(missing, code="required"))
        return given

    def answer(self) -> dict[str, Any]:
        """Without an address abroad for somebody who lives here, of whom nothing is said about that."""
        given = super().answer()
        return given if given["is_abroad"] else {**given, "is_abroad": "", "postal_lines": "", "country": ""}


_AT_HOME = ("united kingdom", "uk", "great britain", "england", "scotland", "wales", "northern ireland")


class AddressAbroadForm(SectionForm):
    """Where somebody lives who lives outside the United Kingdom."""

    postal_lines = forms.CharField(
        label=_("Address"),
        max_length=400,
        help_text=_("Line by line, as on an envelope, without the country."),
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "street-address", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter your address"),
            "max_length": _("Write at most %(limit_value)d characters"),
        },
    )
    country = line(
        _("Country or territory"),
        _("Enter the country or territory"),
        most=80,
        hint=_("For example, Ireland, Jersey or the Isle of Man"),
        autocomplete="country-name",
    )

    def clean_country(self) -> str:
        """Refuses the United Kingdom, whose addresses the page before asks for."""
        country: str = self.cleaned_data["country"]
        if country.strip(" .").casefold() in _AT_HOME:
            raise forms.ValidationError(
                _("For an address in the United Kingdom go back, and take out the tick"), code="invalid"
            )
        return country

    def answer(self) -> dict[str, Any]:
        """In place of an address here."""
        return {**super().answer(), "is_abroad": True}
