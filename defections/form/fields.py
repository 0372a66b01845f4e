"""Fields of the form: a phone number, a postcode, yes or no, a month."""

import re
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from defections.wording import month_of, spoken_phone
from members.fields import MonthYearField

_FORCES = re.compile(r"^BFPO[0-9]{1,4}$")
_POSTCODE = re.compile(r"^(GIR0AA|[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2})$")


class PhoneField(forms.CharField):
    """A phone number in any format, of the United Kingdom unless it says otherwise. Gives it as E.164, or "".

    An extension is kept behind it: "+441225496123;ext=5".

    Whether the number could be one is checked, not whether it is in use: new ranges are given out all the time.
    """

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "class": "width-20", "autocomplete": "tel"}
        )
        super().__init__(**{"widget": widget, "max_length": 40, "required": False, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """A stored number as people write it; what was typed stays as it is."""
        return spoken_phone(value) if isinstance(value, str) and value.startswith("+") else value

    def clean(self, value: Any) -> str:
        """The number. Raises ValidationError."""
        text = str(super().clean(value) or "")
        if not text:
            return ""
        try:
            number = phonenumbers.parse(text, "GB")
        except NumberParseException:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        plain = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        return f"{plain};ext={number.extension}" if number.extension else plain


class PostcodeField(forms.CharField):
    """A postcode of the United Kingdom however it is typed: "ba14qx", "BA1 4QX.", "BA1-4QX". Gives "BA1 4QX".

    The numbers of the forces' post offices, "BFPO 57", count as well.
    """

    def clean(self, value: Any) -> str:
        """The postcode. Raises ValidationError."""
        text = str(super().clean(value) or "")
        bare = "".join(character for character in text.upper() if character.isalnum())
        if not bare:
            return ""
        if _FORCES.match(bare):
            return f"BFPO {bare[4:]}"
        if not _POSTCODE.match(bare):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return f"{bare[:-3]} {bare[-3:]}"


class YesNoField(forms.TypedChoiceField):
    """Yes or no, with neither chosen beforehand. Gives True or False."""

    def __init__(self, *, label: Any, missing: Any, help_text: Any = "") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            choices=[("yes", _("Yes")), ("no", _("No"))],
            coerce=lambda value: value == "yes",
            widget=forms.RadioSelect,
            error_messages={"required": missing, "invalid_choice": missing},
        )

    def prepare_value(self, value: Any) -> Any:
        """What is chosen for True and False."""
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


class MonthField(MonthYearField):
    """A month, given and taken as the catalogue writes it: "2019-05", or "" where it is not required."""

    def prepare_value(self, value: Any) -> Any:
        """The month as a date, for the boxes."""
        return month_of(value) if isinstance(value, str) else value

    def clean(self, value: Any) -> Any:
        """The month as text. Raises ValidationError."""
        found = super().clean(value)
        return f"{found:%Y-%m}" if found else ""


def month_field(label: Any, **messages: Any) -> MonthField:
    """A month and a year in two boxes; `messages` by the codes of DayMonthYearField."""
    errors: dict[str, Any] = {
        "month": _("Enter the month as well"),
        "year": _("Enter the year as well"),
        "unreal": _("Enter a real month and year"),
        **messages,
    }
    return MonthField(
        label=label,
        required="required" in messages,
        help_text=_("Month and year, for example 5\N{NO-BREAK SPACE}2019"),
        error_messages=errors,
    )


def line(
    label: Any, missing: Any = None, *, most: int = 120, hint: Any = "", **attrs: str
) -> forms.CharField:
    """One line of text; optional unless `missing` says what to write."""
    errors: dict[str, Any] = {"max_length": _("Write at most %(limit_value)d characters")}
    if missing is not None:
        errors["required"] = missing
    return forms.CharField(
        label=label,
        required=missing is not None,
        max_length=most,
        help_text=hint,
        widget=forms.TextInput(attrs=attrs),
        error_messages=errors,
    )
