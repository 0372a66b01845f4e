"""Forms of the desk's pages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import MaxLengthValidator
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from decisions import hours
from decisions.gathering_forms import HourField
from defections import copies
from defections.copies import KEEP, REMOVE, Choice
from defections.desk import queries
from defections.desk.checklist import Finding
from defections.desk.side_by_side import Marked
from defections.lines import Line
from defections.models import Application, Check, Claim, Contact
from harmony.time import LONDON, london_day
from members.fields import DayMonthYearField

LONGEST_NOTE = 4000
COMMON = "note"
_YES_NO = [("yes", _("Yes")), ("no", _("No"))]


def _text(
    label: Any, missing: Any, *, rows: int = 4, most: int = LONGEST_NOTE, hint: Any = ""
) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing},
    )


class LeftOpenChoice(forms.ChoiceField):
    """A choice that has to be made in the end and may be left open for now: so it is not marked as optional."""

    def validate(self, value: Any) -> None:
        """Takes no choice as well."""
        if value not in self.empty_values:
            super().validate(value)


class LeftOpenText(forms.CharField):
    """A text that belongs to such a choice."""

    def validate(self, value: Any) -> None:
        """Takes no text as well."""


class LetGoForm(forms.Form):
    """Why somebody lets go of an application."""

    because = forms.ChoiceField(
        label=_("Why do you let go of it?"),
        choices=[
            (Claim.Why.HANDED_ON.value, Claim.Why.HANDED_ON.label),
            (Claim.Why.CONFLICT.value, _("I know the applicant, or have a stake in the outcome")),
        ],
        help_text=_("With a conflict of interest you are kept from this application for good."),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why you let go of it")},
    )


class SectionForm(forms.Form):
    """The findings about the lines of one section; a line left alone stays as it is."""

    def __init__(
        self,
        *args: Any,
        lines: Sequence[Line],
        checks: dict[str, Check],
        files: Sequence[tuple[UUID, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            self._add(line, checks.get(line.key), files)
        if len(lines) > 1:
            self.fields[COMMON] = LeftOpenText(
                label=_("How were they checked?"),
                max_length=LONGEST_NOTE,
                widget=forms.Textarea(attrs={"rows": 2}),
                help_text=_("Counts for every line above that you give a finding and no note of its own."),
            )

    def _add(self, line: Line, check: Check | None, files: Sequence[tuple[UUID, str]]) -> None:
        self.fields[f"finding-{line.key}"] = LeftOpenChoice(
            label=_("What was found?"),
            choices=Check.Finding.choices,
            widget=forms.RadioSelect,
            initial=check.finding if check else None,
        )
        self.fields[f"note-{line.key}"] = LeftOpenText(
            label=_("How was it checked?"),
            validators=[MaxLengthValidator(LONGEST_NOTE)],  # without counting down beside every line
            widget=forms.Textarea(attrs={"rows": 2}),
            initial=check.note if check else "",
        )
        if files:
            self.fields[f"evidence-{line.key}"] = forms.MultipleChoiceField(
                label=_("What shows it?"),
                choices=[(str(pk), label) for pk, label in files],
                required=False,
                widget=forms.CheckboxSelectMultiple,
                initial=[str(one.pk) for one in check.evidence.defer("content_sealed")] if check else [],
            )

    def common(self) -> BoundField | None:
        """The note that counts for several lines; None where there is one line."""
        return self[COMMON] if COMMON in self.fields else None

    def groups(self) -> list[tuple[Line, list[BoundField]]]:
        """Each line with its fields."""
        names = ("finding", "note", "evidence")
        return [
            (line, [self[f"{name}-{line.key}"] for name in names if f"{name}-{line.key}" in self.fields])
            for line in self.lines
        ]

    def clean(self) -> dict[str, Any]:
        """Wants a note with each finding, its own or the common one, and a finding with each note."""
        given = super().clean() or {}
        common = given.get(COMMON, "").strip()
        for line in self.lines:
            finding, note = given.get(f"finding-{line.key}"), given.get(f"note-{line.key}", "").strip()
            if finding and not note and f"note-{line.key}" in given:
                note = given[f"note-{line.key}"] = common
            about = {"item": line.label}
            if finding and not note:
                self.add_error(f"note-{line.key}", _("%(item)s: say how it was checked") % about)
            if note and not finding:
                self.add_error(f"finding-{line.key}", _("%(item)s: choose what was found") % about)
        return given

    def findings(self) -> dict[str, Finding]:
        """What was found, by key of the line."""
        given = self.cleaned_data
        return {
            line.key: Finding(
                given[f"finding-{line.key}"],
                given[f"note-{line.key}"],
                tuple(UUID(pk) for pk in given.get(f"evidence-{line.key}", [])),
            )
            for line in self.lines
            if given[f"finding-{line.key}"]
        }


class ContactForm(forms.Form):
    """A contact for the log."""

    way = forms.ChoiceField(
        label=_("How?"),
        choices=Contact.Way.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how the contact was made")},
    )
    is_direct = forms.ChoiceField(
        label=_("With whom?"),
        choices=[("yes", _("The applicant themselves")), ("no", _("Somebody else"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose with whom")},
    )
    was_reached = forms.ChoiceField(
        label=_("Were they reached?"),
        choices=_YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether they were reached")},
    )
    day = DayMonthYearField(
        label=_("On which day?"),
        help_text=_("For example, 27 3 2027"),
        error_messages={"required": _("Enter the day")},
    )
    hour = HourField(
        label=_("At what time?"),
        help_text=_("London time, as 19:00 or 7pm"),
        error_messages={"required": _("Enter the time")},
    )
    note = _text(_("Who was spoken to, and what was said?"), _("Say who was spoken to, and what was said"))

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        local = at.astimezone(LONDON)
        super().__init__(*args, **{"initial": {"day": london_day(at), "hour": local.time()}, **kwargs})

    def clean(self) -> dict[str, Any]:
        """Puts day and hour together."""
        given = super().clean() or {}
        if given.get("day") and given.get("hour"):
            try:
                given["contacted_at"] = hours.moment(given["day"], given["hour"])
            except (hours.NoSuchHour, hours.DoubtfulHour):
                self.add_error("hour", _("The clocks change in this hour: enter another"))
        return given

    def values(self) -> dict[str, Any]:
        """What `contacts.log` takes."""
        given = self.cleaned_data
        return {
            "way": given["way"],
            "is_direct": given["is_direct"] == "yes",
            "was_reached": given["was_reached"] == "yes",
            "contacted_at": given["contacted_at"],
            "note": given["note"],
        }


class QuestionForm(forms.Form):
    """A question to the applicant."""

    question = _text(
        _("Your question"),
        _("Write your question"),
        most=queries.LONGEST,
        hint=_("The applicant reads it on their page. The mail says only that there is a question."),
    )


class AnswerForm(forms.Form):
    """The applicant's answer."""

    answer = _text(_("Your answer"), _("Write your answer"), most=queries.LONGEST, rows=6)


class FileForm(forms.Form):
    """A file that the research found; what is in it is looked at by defections.files."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("A PDF, or a photo or scan as JPEG or PNG, smaller than 8 MB."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
        allow_empty_file=True,
        error_messages={
            "required": _("Choose a file first"),
            "missing": _("Choose a file first"),
            "invalid": _("Choose a file first"),
        },
    )


class OutcomeForm(forms.Form):
    """The outcome of the research."""

    outcome = forms.ChoiceField(
        label=_("What did the research find?"),
        choices=[
            (Application.Verification.GENUINE.value, _("Genuine: the assembly gets a copy")),
            (Application.Verification.NOT_GENUINE.value, _("Not genuine: the application is closed")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the research found")},
    )
    summary = _text(
        _("Summary"),
        _("Sum up what the outcome rests on"),
        hint=_("For the research’s own record. Neither the assembly nor the applicant’s page shows it."),
    )


class MarksForm(forms.Form):
    """What is decided about each suggested redaction."""

    def __init__(self, *args: Any, marks: Sequence[Marked], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.marks = {one.name: one for one in marks}
        for one in marks:
            self.fields[f"decision-{one.name}"] = LeftOpenChoice(
                label=_("“%(passage)s”") % {"passage": one.passage},
                help_text=_("Looks like %(kind)s. %(where)s: “%(around)s”")
                % {"kind": one.kind, "where": one.where, "around": one.around},
                choices=[(REMOVE, _("Take it out")), (KEEP, _("Keep it"))],
                widget=forms.RadioSelect,
                initial=one.mark["decision"],
            )
            self.fields[f"reason-{one.name}"] = LeftOpenText(
                label=_("If you keep it: why?"), max_length=300, initial=one.mark["reason"]
            )

    def groups(self) -> list[list[BoundField]]:
        """The fields of each mark."""
        return [[self[f"decision-{name}"], self[f"reason-{name}"]] for name in self.marks]

    def clean(self) -> dict[str, Any]:
        """Wants a reason for what is kept."""
        given = super().clean() or {}
        for name in self.marks:
            if given.get(f"decision-{name}") == copies.KEEP and not given.get(f"reason-{name}"):
                self.add_error(f"reason-{name}", _("Say why it is kept: members will read it"))
        return given

    def choices(self, *, take_out_rest: bool = False) -> dict[str, Choice]:
        """What was decided, by `copies.mark_id`; what was left open is left out, or taken out where that is asked."""
        given = self.cleaned_data
        return {
            name: Choice(given[f"decision-{name}"] or REMOVE, given[f"reason-{name}"])
            for name in self.marks
            if given[f"decision-{name}"] or take_out_rest
        }


class PassageForm(forms.Form):
    """A passage to take out."""

    passage = forms.CharField(
        label=_("Passage to take out"),
        max_length=500,
        help_text=_("As it stands above; it is taken out wherever it stands."),
        error_messages={"required": _("Type the passage that should be taken out")},
    )


class SendBackForm(forms.Form):
    """What has to be put right in a copy."""

    reason = _text(_("What has to be put right?"), _("Say what has to be put right"))
