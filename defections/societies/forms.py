"""Forms about what a society asks, and about moving a case."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from defections.models import SocietyTerms
from defections.models.case import LONGEST_RESIDENCE


class TermsForm(forms.Form):
    """Whether the society decides on defections, and what it asks of applicants."""

    decides = forms.ChoiceField(
        label=_("Can your assembly decide on defections?"),
        choices=[
            ("yes", _("Yes: we have the people to hold a hustings and to decide")),
            ("no", _("No: cases go to the city’s or the region’s assembly, or to the one for elections")),
        ],
        help_text=_("Cases that you have now stay with you until you hand them on."),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether your assembly can decide")},
    )
    links = forms.CharField(
        label=_("What counts as significant local links here?"),
        max_length=2000,
        required=False,
        help_text=_("In plain words, as your assembly has agreed. Every applicant for your area reads it."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    residence_months = forms.IntegerField(
        label=_("Or for how many months must somebody have lived here?"),
        required=False,
        min_value=1,
        max_value=LONGEST_RESIDENCE,
        help_text=_("For example, 12. Leave it empty if you have not set a time."),
        widget=forms.TextInput(attrs={"class": "width-4", "inputmode": "numeric"}),
        error_messages={
            "invalid": _("Enter a number of months"),
            "min_value": _("Enter a number of months from 1 to 600"),
            "max_value": _("Enter a number of months from 1 to 600"),
        },
    )

    def __init__(self, *args: Any, terms: SocietyTerms | None, **kwargs: Any) -> None:
        initial = {}
        if terms is not None:
            initial = {
                "decides": "yes" if terms.decides else "no",
                "links": terms.links,
                "residence_months": terms.residence_months,
            }
        super().__init__(*args, **{"initial": initial, **kwargs})

    def values(self) -> dict[str, Any]:
        """What `routing.set_terms` takes."""
        return {**self.cleaned_data, "decides": self.cleaned_data["decides"] == "yes"}


class MoveForm(forms.Form):
    """Why a case moves to another assembly."""

    because = forms.CharField(
        label=_("Why?"),
        max_length=1000,
        help_text=_("Members of both assemblies read it. Do not name the applicant."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why the case moves")},
    )
