"""Forms about a person's own account."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from harmony.time import LONDON
from members.digest_time import Frequency
from members.fields import DateBoxes, DayMonthYearField
from members.mails import AT_ONCE
from members.models import Person

OLDEST = 125  # years


def name_field() -> forms.CharField:
    """The name by which others here see somebody."""
    return forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("The name by which other people here will see you. It need not be your legal name."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter your name"),
            "max_length": _("Your name must be %(limit_value)d characters or fewer"),
        },
    )


def code_field() -> forms.CharField:
    """A code that came by email, or from an app."""
    return forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "class": "code-box",
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": _("Enter the code"), "max_length": _("That is longer than any code")},
    )


class SignUpForm(forms.Form):
    """What signing up asks beside the email address."""

    name = name_field()
    field_order = ["name", "email"]

    def signup(self, _request: HttpRequest, person: Person) -> None:
        """Keeps the name; called by allauth once the account is made."""
        person.name = self.cleaned_data["name"]
        person.save(update_fields=["name"])


class NameForm(forms.Form):
    """Changing one's name."""

    name = name_field()


class CodeForm(forms.Form):
    """The code by which somebody logs in again."""

    code = code_field()


def birth_field() -> DayMonthYearField:
    """Somebody's own date of birth."""
    return DayMonthYearField(
        label=_("Date of birth"),
        help_text=_("For example, 27 3 1977"),
        widget=DateBoxes(attrs={"autocomplete": "bday"}),
        error_messages={
            "required": _("Enter your date of birth"),
            "day": _("Your date of birth must include a day"),
            "month": _("Your date of birth must include a month"),
            "year": _("Your date of birth must include a year"),
            "day_month": _("Your date of birth must include a day and month"),
            "day_year": _("Your date of birth must include a day and year"),
            "month_year": _("Your date of birth must include a month and year"),
            "unreal": _("Your date of birth must be a real date"),
        },
    )


class DateOfBirthForm(forms.Form):
    """Giving one's date of birth."""

    born = birth_field()

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        """`at` is now: a date of birth is in the past."""
        super().__init__(*args, **kwargs)
        self.today = at.astimezone(LONDON).date()

    def clean_born(self) -> Any:
        """Refuses what nobody alive could give."""
        born = self.cleaned_data["born"]
        if born > self.today:
            raise forms.ValidationError(_("Your date of birth must be in the past"), code="unreal")
        if born.year < self.today.year - OLDEST:
            raise forms.ValidationError(_("Check the year of your birth"), code="short_year")
        return born


class MailsForm(forms.Form):
    """Which mails somebody gets."""

    digest = forms.ChoiceField(
        label=_("How often do you want a digest?"),
        help_text=_(
            "News of the matters that you follow and of your assemblies, and what needs you soon. "
            "It comes at 8 in the morning, and only when there is something."
        ),
        choices=Frequency,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how often"), "invalid_choice": _("Choose how often")},
    )
    at_once = forms.MultipleChoiceField(
        label=_("Which mails do you want at once?"),
        help_text=_("These have a date that you could miss."),
        choices=[(stream.value, stream.label) for stream in AT_ONCE],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": _("Choose among the mails in the list")},
    )
