"""Form fields of our own: a date in three boxes."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def refuse_unsendable(address: str) -> None:
    """Raises ValidationError for an address whose host no mail can name: one that IDNA does not encode.

    Django's own check lets these pass, and a mail to one fails at every try.
    """
    try:
        address.rpartition("@")[2].encode("idna")
    except UnicodeError:
        raise ValidationError(
            _("We cannot send mail to this address. Check the part after the @."), code="unsendable"
        ) from None


DAY, MONTH, YEAR = range(3)
_BOXES: tuple[tuple[str, Promise], ...] = (("day", _("Day")), ("month", _("Month")), ("year", _("Year")))


class DateBoxes(forms.MultiWidget):
    """Three boxes: day, month, year. The page shows them as templates/harmony/field.html says."""

    use_fieldset = True
    boxes = _BOXES

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({name: forms.TextInput() for name, _label in self.boxes}, attrs)

    def decompress(self, value: date | None) -> list[int | None]:
        """What stands in the boxes for a date."""
        return [getattr(value, name) for name, _label in self.boxes] if value else [None] * len(self.boxes)


class MonthBoxes(DateBoxes):
    """Two boxes: month and year."""

    boxes = _BOXES[MONTH:]


class DayMonthYearField(forms.Field):
    """A date that somebody knows by heart, typed in three boxes; "3", "03", "March" and "Mar" are all March.

    Gives a date, or None where it is not required and left empty. Each error has a code, and `faulty_boxes`
    says which boxes a code is about: "required", "day", "month", "year" (missing), "day_month" and so on (both
    missing), "short_year", "unreal".
    """

    widget = DateBoxes
    default_error_messages = {
        "required": _("Enter a date"),
        "day": _("The date must include a day"),
        "month": _("The date must include a month"),
        "year": _("The date must include a year"),
        "day_month": _("The date must include a day and month"),
        "day_year": _("The date must include a day and year"),
        "month_year": _("The date must include a month and year"),
        "short_year": _("The year must include 4 numbers"),
        "unreal": _("The date must be a real date"),
        "unreal_day": _("The day must be a number from 1 to 31"),
        "unreal_month": _("The month must be a number from 1 to 12"),
    }
    _faulty = {
        "day": {DAY},
        "month": {MONTH},
        "year": {YEAR},
        "day_month": {DAY, MONTH},
        "day_year": {DAY, YEAR},
        "month_year": {MONTH, YEAR},
        "short_year": {YEAR},
        "unreal_day": {DAY},
        "unreal_month": {MONTH},
    }

    def faulty_boxes(self, code: str | None) -> set[int]:
        """The boxes (0 day, 1 month, 2 year) that an error with `code` is about; all three where it is all."""
        return self._faulty.get(code or "", {DAY, MONTH, YEAR})

    def to_python(self, value: list[str | None] | date | None) -> date | None:
        """The date in the three boxes, or None when all are empty. Raises ValidationError."""
        if value is None or isinstance(value, date):
            return value
        parts = [str(part or "").strip() for part in value]
        if not any(parts):
            return None
        missing = [name for (name, _label), part in zip(_BOXES, parts, strict=True) if not part]
        if missing:
            raise self._error("_".join(missing))
        day, month, year = _number(parts[DAY]), _month(parts[MONTH]), _number(parts[YEAR])
        if not day or day > 31:
            raise self._error("unreal_day")
        if not month or month > 12:
            raise self._error("unreal_month")
        if not year or len(parts[YEAR]) != 4 or year < 1000:
            raise self._error("short_year")
        try:
            return date(year, month, day)
        except ValueError:
            raise self._error("unreal") from None

    def _error(self, code: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code)


class MonthYearField(DayMonthYearField):
    """A month that somebody knows by heart, typed in two boxes. Gives the first day of it."""

    widget = MonthBoxes

    def faulty_boxes(self, code: str | None) -> set[int]:
        """The boxes (0 month, 1 year) that an error with `code` is about."""
        return {box - 1 for box in super().faulty_boxes(code) if box >= MONTH}

    def to_python(self, value: list[str | None] | date | None) -> date | None:
        """The first of the month in the two boxes, or None when both are empty. Raises ValidationError."""
        if value is None or isinstance(value, date) or not any(str(part or "").strip() for part in value):
            return super().to_python(value)
        return super().to_python(["1", *value])


def _number(text: str) -> int | None:
    """`text` as a number in plain digits, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _month(text: str) -> int | None:
    """The month that `text` names, by number or by at least three letters of its name, or None."""
    word = text.casefold().rstrip(".")
    if len(word) >= 3 and not word.isdigit():
        return next((n for n, name in MONTHS.items() if str(name).casefold().startswith(word)), None)
    return _number(text)
