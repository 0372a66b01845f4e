"""What every form of a page has in common: it is given what was saved, and gives back what to save."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms

from defections.completeness import Given
from harmony.time import london_day


@dataclass(frozen=True)
class About:
    """What a page's form may need to know beside what was typed."""

    at: datetime
    residence_months: int | None = None  # how long the society asks for
    labels: dict[str, str] | None = None  # the words of the release for what is agreed to, by field

    @property
    def today(self) -> date:
        """The day in London."""
        return london_day(self.at)


class SectionForm(forms.Form):
    """The form of one page. Its fields have the names of the catalogue unless it says otherwise."""

    wanted: tuple[str, ...] = ()  # fields that may stay empty only beside another one: not marked as optional

    def __init__(self, *args: Any, given: Given, about: About, **kwargs: Any) -> None:
        self.given, self.about = given, about
        super().__init__(*args, **{"initial": self.initial_from(given), **kwargs})
        for name, label in (about.labels or {}).items():
            if name in self.fields:
                self.fields[name].label = label

    def initial_from(self, given: Given) -> dict[str, Any]:
        """What stands in the fields before anything is typed."""
        return {name: given[name] for name in self.base_fields if name in given}

    def answer(self) -> dict[str, Any]:
        """What to save, by the names of the catalogue; call it once the form is valid."""
        return dict(self.cleaned_data)
