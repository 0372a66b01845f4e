"""Forms of the gatherings' pages."""

import re
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly
from decisions import hours, questions
from decisions.conduct import LONGEST_ANSWER
from decisions.models import Gathering, Ground, Referral, Registration
from harmony.time import LONDON, london_day
from members.fields import DayMonthYearField
from members.models import Person, PersonQuerySet

_HOUR = re.compile(r"^(\d{1,2})(?:[:.](\d{2}))?\s*([ap])?\.?m?\.?$")


class HourField(forms.CharField):
    """An hour of the day as people write it: "19:00", "19.00", "7pm", "7.30 pm". Gives a time."""

    default_error_messages = {"invalid": _("Enter a time, as 19:00 or 7pm")}

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"class": "width-4", "autocomplete": "off"})
        super().__init__(**{"widget": widget, "max_length": 10, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """What stands in the box for a time."""
        return value.strftime("%H:%M") if isinstance(value, time) else value

    def to_python(self, value: Any) -> Any:
        """The time, or None for an empty box. Raises ValidationError."""
        text = str(super().to_python(value) or "").casefold().strip()
        if not text:
            return None
        found = _HOUR.match(text)
        hour = _read(*found.groups()) if found else None
        if hour is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return hour

    def validate(self, value: Any) -> None:
        """Refuses an empty box where a time is required."""
        if value is None and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """What `to_python` gives is a time already."""


def _read(hour: str, minute: str | None, half: str | None) -> time | None:
    """The time of day, or None for one that does not exist; a bare "7" says neither morning nor evening."""
    number = int(hour)
    if half is None and minute is None:
        return None
    if half is not None:
        if not 1 <= number <= 12:
            return None
        number = number % 12 + (12 if half == "p" else 0)
    try:
        return time(number, int(minute or 0))
    except ValueError:
        return None


class WhenForm(forms.Form):
    """The day and the hours of a gathering, London time; gives `starts_at` and `ends_at`."""

    day = DayMonthYearField(
        label=_("Day"),
        help_text=_("For example, 27 3 2027"),
        error_messages={"required": _("Enter the day of the gathering")},
    )
    starts = HourField(
        label=_("Starts at"),
        help_text=_("London time, as 19:00 or 7pm"),
        error_messages={"required": _("Enter when it starts")},
    )
    ends = HourField(
        label=_("Ends at"),
        help_text=_("On the same day"),
        error_messages={"required": _("Enter when it ends")},
    )

    def __init__(self, *args: Any, at: datetime, gathering: Gathering | None = None, **kwargs: Any) -> None:
        if gathering is not None:
            starts = gathering.starts_at.astimezone(LONDON)
            ends = gathering.ends_at.astimezone(LONDON)
            kwargs["initial"] = {"day": starts.date(), "starts": starts.time(), "ends": ends.time()}
        super().__init__(*args, **kwargs)
        self.at = at

    def clean(self) -> dict[str, Any]:
        """Turns day and hours into moments; an hour that the clocks skip or pass twice is an error."""
        given = super().clean() or {}
        day = given.get("day")
        if day is not None:
            for name in ("starts", "ends"):
                if given.get(name) is not None:
                    given[f"{name}_at"] = self._moment(name, day, given[name])
        starts_at, ends_at = given.get("starts_at"), given.get("ends_at")
        if starts_at is not None and starts_at <= self.at:
            past = day is not None and day < london_day(self.at)
            self.add_error("day" if past else "starts", _("A gathering starts in the future"))
        elif starts_at is not None and ends_at is not None and ends_at <= starts_at:
            self.add_error("ends", _("The end must come after the start"))
        return given

    def _moment(self, name: str, day: Any, hour: time) -> datetime | None:
        try:
            return hours.moment(day, hour)
        except hours.NoSuchHour:
            self.add_error(name, _("The clocks go forward that night and skip this time: enter another"))
        except hours.DoubtfulHour:
            self.add_error(name, _("The clocks go back that night and pass this time twice: enter another"))
        return None


class ProlongForm(forms.Form):
    """For how much longer a gathering runs."""

    minutes = forms.TypedChoiceField(
        label=_("How much longer?"),
        choices=[(15, _("15 minutes")), (30, _("30 minutes")), (60, _("An hour"))],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose for how much longer")},
    )


class WhereForm(forms.Form):
    """What a gathering is called, where it is, and its agenda."""

    title = forms.CharField(label=_("Title"), max_length=160, error_messages={"required": _("Enter a title")})
    address = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=500,
        help_text=_("Where people meet in a room, for everybody to see. Say how to get in without steps."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    link = forms.URLField(
        label=_("Link"),
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text=_(
            "To join online. It is shown to nobody: people who have registered join through this site."
        ),
        error_messages={"invalid": _("Enter a link that begins with https://")},
    )
    agenda = forms.CharField(
        label=_("Agenda"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 6})
    )

    def clean_link(self) -> str:
        """Refuses a link that does not lead to a web page."""
        link: str = self.cleaned_data["link"]
        if link and not link.startswith(("https://", "http://")):
            raise forms.ValidationError(_("Enter a link that begins with https://"))
        return link

    def clean(self) -> dict[str, Any]:
        """Refuses a gathering that is nowhere."""
        given = super().clean() or {}
        if not self.errors and not given.get("address", "").strip() and not given.get("link"):
            self.add_error("address", _("Enter an address, a link, or both"))
        return given


class ChangeForm(WhereForm):
    """The same, of a gathering that was called."""

    def __init__(self, *args: Any, gathering: Gathering, **kwargs: Any) -> None:
        names = ("title", "address", "link", "agenda")
        super().__init__(*args, **{"initial": {name: getattr(gathering, name) for name in names}, **kwargs})


class CallForm(WhenForm, WhereForm):
    """All that calling a gathering asks."""

    kind = forms.ChoiceField(
        label=_("What sort of gathering"),
        choices=[
            (Gathering.Kind.MOOT.value, _("A moot: a structured discussion")),
            (Gathering.Kind.HUSTINGS.value, _("A hustings: an applicant or candidates are heard")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what sort of gathering it is")},
    )
    field_order = ["kind", "title", "day", "starts", "ends", "address", "link", "agenda"]


class CallOffForm(forms.Form):
    """Why a gathering does not take place."""

    reason = forms.CharField(
        label=_("Why is it called off?"),
        max_length=300,
        help_text=_("Everybody asked or registered is told."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why the gathering is called off")},
    )


class InviteForm(forms.Form):
    """One assembly, or one person by their email address."""

    assembly = forms.ModelChoiceField(
        label=_("An assembly"),
        queryset=Assembly.objects.none(),
        required=False,
        to_field_name="slug",
        empty_label=_("Choose an assembly"),
    )
    email = forms.EmailField(
        label=_("A person’s email address"),
        required=False,
        help_text=_("Of somebody who has an account here."),
        error_messages={"invalid": _("Enter an email address")},
    )

    def __init__(self, *args: Any, gathering: Gathering, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if gathering.is_private:
            del self.fields["assembly"]
            return
        asked = [one.pk for one in gathering.assemblies()]
        asked += gathering.invitations.filter(assembly__isnull=False).values_list("assembly_id", flat=True)
        field = self.fields["assembly"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Assembly.objects.open_at(at).exclude(pk__in=asked).order_by("name")

    def clean_email(self) -> Person | None:
        """The person with the account of this address."""
        return _person(self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        """Wants one of the two."""
        given = super().clean() or {}
        if not self.errors and bool(given.get("assembly")) == bool(given.get("email")):
            name = "assembly" if "assembly" in self.fields else "email"
            self.add_error(name, _("Choose an assembly, or enter the email address of one person"))
        return given


def _person(email: str) -> Person | None:
    if not email:
        return None
    found = Person.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise forms.ValidationError(_("Nobody has an account with this address: ask them to sign up first"))
    return found


class ChairForm(forms.Form):
    """Who chairs."""

    chair = forms.ModelChoiceField(
        label=_("Who chairs?"),
        queryset=Person.objects.none(),
        help_text=_("People who have registered, and those who act as secretary."),
        error_messages={
            "required": _("Choose who chairs"),
            "invalid_choice": _("Choose somebody from the list"),
        },
    )

    def __init__(self, *args: Any, people: PersonQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["chair"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = people


class NotesForm(forms.Form):
    """The notes of a gathering."""

    text = forms.CharField(
        label=_("Notes"),
        max_length=50000,
        widget=forms.Textarea(attrs={"rows": 16}),
        error_messages={"required": _("Write the notes")},
    )


class RegisterForm(forms.Form):
    """How somebody takes part, and that they accept the code of conduct (D27)."""

    way = forms.ChoiceField(
        label=_("How will you take part?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you will take part")},
    )
    accepts_code = forms.BooleanField(
        label=_("I accept the code of conduct"),
        error_messages={"required": _("Accept the code of conduct to register")},
    )

    def __init__(self, *args: Any, ways: Sequence[Registration.Way], **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"way": ways[0].value} if len(ways) == 1 else {}, **kwargs})
        field = self.fields["way"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(way.value, way.label) for way in ways]


class QuestionForm(forms.Form):
    """A question."""

    text = forms.CharField(
        label=_("Your question"),
        max_length=questions.LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write your question")},
    )


class GroundForm(forms.Form):
    """Which of the four grounds a question breaks."""

    ground = forms.ChoiceField(
        label=_("Which ground does it break?"),
        choices=Ground.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose which of the four grounds the question breaks")},
    )


class BarForm(forms.Form):
    """Why somebody is barred; and who, where the page does not know it yet."""

    email = forms.EmailField(
        label=_("Their email address"),
        error_messages={"required": _("Enter their email address"), "invalid": _("Enter an email address")},
    )
    ground = forms.ChoiceField(
        label=_("Which ground was broken?"),
        choices=Ground.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose which of the four grounds was broken")},
    )
    reason = forms.CharField(
        label=_("What happened?"),
        max_length=2000,
        help_text=_("In a sentence or two. The person and those who review the bar read it; nobody else."),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say what happened")},
    )

    def __init__(self, *args: Any, person: Person | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if person is not None:
            del self.fields["email"]

    def clean_email(self) -> Person | None:
        """The person with the account of this address."""
        return _person(self.cleaned_data["email"])


class EntryForm(forms.Form):
    """An entry on the record of a referral."""

    text = forms.CharField(
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write something first")},
    )

    def __init__(self, *args: Any, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = label


class OutcomeForm(forms.Form):
    """What a review found."""

    outcome = forms.ChoiceField(
        label=_("What did the review find?"),
        choices=Referral.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the review found")},
    )
    statement = forms.CharField(
        label=_("What was found, and why"),
        max_length=4000,
        help_text=_("The person is sent this."),
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Say what was found, and why")},
    )
