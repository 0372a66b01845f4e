"""The sections that repeat: jobs and public accounts (D10, D12)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from defections.form.fields import YesNoField, line, month_field
from defections.form.office_forms import past
from defections.form.section_form import SectionForm


class EmployedForm(SectionForm):
    """Whether there is a job now."""

    is_employed = YesNoField(
        label=_("Are you employed or self-employed at present?"),
        missing=_("Say whether you are employed or self-employed at present"),
        help_text=_("Beside the office that you hold."),
    )

    def answer(self) -> dict[str, Any]:
        """Another answer than before asks again whether the list is whole."""
        given = super().answer()
        same = given["is_employed"] == self.given.get("is_employed")
        return given if same else {**given, "is_complete": False}


class JobForm(SectionForm):
    """One job, now or before."""

    wanted = ("ended",)
    title = line(_("Job"), _("Enter what the job is or was"), hint=_("For example, librarian"))
    employer = line(_("Employer"), _("Enter the employer; write self-employed if it was yourself"))
    employer_address = line(
        _("Employer’s address"), most=250, hint=_("Only those who verify the form see this.")
    )
    began = month_field(
        _("When did it begin?"), required=_("Enter when it began"), month_year=_("Enter when it began")
    )
    is_current = forms.BooleanField(label=_("I have this job now"), required=False)
    ended = month_field(_("When did it end, if it has?"))

    def initial_from(self, given: Any) -> dict[str, Any]:
        """A job without an end is one that there is now."""
        return {**super().initial_from(given), "is_current": bool(given) and not given.get("ended")}

    def clean_began(self) -> str:
        """Refuses a month to come."""
        return past(self.cleaned_data["began"], self.about.today)

    def clean_ended(self) -> str:
        """Refuses a month to come."""
        return past(self.cleaned_data["ended"], self.about.today)

    def clean(self) -> dict[str, Any]:
        """Refuses a job that has ended and has not, and an end before the beginning."""
        given = super().clean() or self.cleaned_data
        ended = given.get("ended")
        if "ended" in self.errors:
            return given
        if given.get("is_current") and ended:
            self._refuse(_("Leave the end empty for a job that you have now, or take out the tick"))
        elif not given.get("is_current") and not ended:
            self._refuse(_("Enter when it ended, or tick that you have this job now"))
        elif ended and given.get("began") and ended < given["began"]:
            self._refuse(_("The end must not come before the beginning"))
        return given

    def _refuse(self, sentence: Any) -> None:
        self.add_error("ended", forms.ValidationError(sentence, code="month_year"))

    def answer(self) -> dict[str, Any]:
        """The row as the catalogue has it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "is_current"}


class AnyAccountsForm(SectionForm):
    """Whether there are public accounts."""

    has_any = YesNoField(
        label=_("Do you have public accounts on social media?"),
        missing=_("Say whether you have public accounts on social media"),
        help_text=_(
            "Public means that anybody can read what you post. Count those that you share with others."
        ),
    )

    def answer(self) -> dict[str, Any]:
        """Without accounts for somebody who has none."""
        given = super().answer()
        return given if given["has_any"] else {**given, "rows": []}


class AccountForm(SectionForm):
    """One public account."""

    platform = line(
        _("Platform"), _("Enter the platform"), most=60, hint=_("For example, Bluesky, Facebook or a blog")
    )
    account = line(
        _("Account name"),
        _("Enter the name of the account"),
        most=200,
        hint=_("As it stands on the platform, or its address"),
        spellcheck="false",
    )


class MoreForm(forms.Form):
    """Whether there is another row to add."""

    more = YesNoField(label="", missing=_("Say whether there is one to add"))

    def __init__(self, *args: Any, question: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["more"].label = question
