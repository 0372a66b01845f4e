"""Forms of the assemblies' pages."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assemblies import ages
from assemblies.models import Assembly
from members.fields import DateBoxes, DayMonthYearField
from members.models import Person


class BirthForm(forms.Form):
    """A date of birth, for an assembly that has ages."""

    born = DayMonthYearField(
        label=_("Your date of birth"),
        help_text=_("For example, 27 3 1977"),
        widget=DateBoxes(attrs={"autocomplete": "bday"}),
        error_messages={"required": _("Enter your date of birth")},
    )

    def __init__(self, *args: Any, assembly: Assembly, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.assembly, self.at = assembly, at

    def clean_born(self) -> Any:
        """Refuses a date that cannot be, and one with which the person may not take part: it is then not kept."""
        born = self.cleaned_data["born"]
        if not ages.is_plausible(born, self.at):
            raise forms.ValidationError(_("Enter the date on which you were born"))
        if reasons := self.assembly.reasons_of_age(born, self.at):
            raise forms.ValidationError(" ".join(reasons))
        return born


class JoinForm(BirthForm):
    """What joining asks: a date of birth where the assembly has ages, its statement where it has one."""

    affirms = forms.BooleanField(error_messages={"required": _("Tick the box if you affirm the statement")})

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assembly = self.assembly
        if not assembly.asks_birth_of(person):
            del self.fields["born"]
        if assembly.statement:
            self.fields["affirms"].label = assembly.statement
        else:
            del self.fields["affirms"]
