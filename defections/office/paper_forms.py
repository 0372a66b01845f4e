"""The forms beside those of the public form that somebody needs who enters an application from paper."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from defections.models import Application, FormRelease
from defections.paper import WAYS
from harmony.time import london_day
from members.fields import DayMonthYearField, refuse_unsendable

_WAYS = [(way.value, Application.Origin(way).label) for way in WAYS]


class ReleaseChoice(forms.ModelChoiceField):
    """A release by its number and date, as both stand on the paper."""

    def label_from_instance(self, release: Any) -> str:
        """Number and date."""
        return _("Release %(number)s of %(date)s") % {
            "number": release.number,
            "date": date_format(release.released_on, "j F Y") if release.released_on else "",
        }


class ArrivalForm(forms.Form):
    """When and how a form came, on which release, and that the signed pledges are there."""

    origin = forms.ChoiceField(
        label=_("How did it come?"),
        choices=_WAYS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it came")},
    )
    arrived_on = DayMonthYearField(
        label=_("When did it arrive?"),
        help_text=_("For example, 27 3 2027"),
        error_messages={"required": _("Enter the day on which it arrived")},
    )
    release = ReleaseChoice(
        label=_("Which release of the form is it?"),
        help_text=_("Its number and date stand at the top of the paper."),
        queryset=FormRelease.objects.none(),
        empty_label=None,
        error_messages={"required": _("Choose the release")},
    )
    email = forms.EmailField(
        label=_("The applicant’s email address"),
        required=False,
        max_length=254,
        help_text=_("Leave it empty if none is given: you can then print a letter instead of the mail."),
        widget=forms.EmailInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
        validators=[refuse_unsendable],
        error_messages={"invalid": _("Enter an email address in the correct format, like name@example.com")},
    )
    kept_where = forms.CharField(
        label=_("Where is the signed paper kept?"),
        help_text=_("So that it can be found: for example, the safe of the office, folder 3."),
        max_length=200,
        error_messages={"required": _("Say where the signed paper is kept")},
    )
    signed = forms.BooleanField(
        label=_("Every pledge and the declaration on it are signed, and the paper is on file"),
        error_messages={
            "required": _(
                "Tick the box once all pledges are signed; otherwise send the form back to be signed"
            )
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        published = FormRelease.objects.published()
        self.fields["release"].queryset = published  # type: ignore[attr-defined]
        self.fields["release"].initial = published.first()

    def clean_arrived_on(self) -> Any:
        """Refuses a day to come."""
        day = self.cleaned_data["arrived_on"]
        if day and day > london_day(timezone.now()):
            raise forms.ValidationError(_("The day on which it arrived must not lie ahead"))
        return day

    def begun_with(self) -> dict[str, Any]:
        """What `paper.begin` is given."""
        return {name: value for name, value in self.cleaned_data.items() if name != "signed"}
