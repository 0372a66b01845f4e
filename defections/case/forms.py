"""What is filled in on the pages of a case."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from decisions.conduct import LONGEST_ANSWER
from decisions.models import Ground
from defections.hustings import LONGEST_MESSAGE
from defections.models import HustingsInvitation

_TOO_LONG = {"max_length": _("Write at most %(limit_value)d characters")}


class AcceptForm(forms.Form):
    """Coming to the hustings, by its code of conduct (D28)."""

    accepts_code = forms.BooleanField(
        label=_("I accept this code of conduct"),
        error_messages={"required": _("Accept the code of conduct to come")},
    )


class AnotherTimeForm(forms.Form):
    """Asking for another time."""

    message = forms.CharField(
        label=_("Which times would suit you?"),
        max_length=LONGEST_MESSAGE,
        help_text=_("The assembly’s secretary reads this. Give no phone number or address here."),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say which times would suit you"), **_TOO_LONG},
    )


class DeclineForm(forms.Form):
    """Not coming."""

    message = forms.CharField(
        label=_("Anything you want to say (optional)"),
        required=False,
        max_length=LONGEST_MESSAGE,
        help_text=_("The assembly’s secretary reads this. Give no phone number or address here."),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages=dict(_TOO_LONG),
    )


class BarForm(forms.Form):
    """Why the applicant is barred."""

    ground = forms.ChoiceField(
        label=_("Which ground was broken?"),
        choices=Ground.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose which of the four grounds was broken")},
    )
    reason = forms.CharField(
        label=_("What happened?"),
        max_length=LONGEST_MESSAGE,
        help_text=_(
            "In a sentence or two, without names. The applicant and those who review it read it; nobody else."
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say what happened"), **_TOO_LONG},
    )


class BarAnswerForm(forms.Form):
    """What the applicant says about being barred."""

    text = forms.CharField(
        label=_("What happened, from your side?"),
        max_length=LONGEST_ANSWER,
        help_text=_("Those who review it read this; the assembly that decides on your application does not."),
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write what happened from your side"), **_TOO_LONG},
    )


FORMS: dict[str, type[forms.Form]] = {
    HustingsInvitation.Reply.ACCEPTED.value: AcceptForm,
    HustingsInvitation.Reply.ANOTHER_TIME.value: AnotherTimeForm,
    HustingsInvitation.Reply.DECLINED.value: DeclineForm,
}


class ReferenceForm(forms.Form):
    """That it is this application which is withdrawn."""

    reference = forms.CharField(
        label=_("Type its reference to confirm"),
        max_length=20,
        error_messages={"required": _("Type the reference of the application")},
    )

    def __init__(self, *args: Any, wanted: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = wanted

    def clean_reference(self) -> str:
        """The reference, which must be that of this application."""
        typed: str = self.cleaned_data["reference"].strip().upper()
        if typed != self.wanted.upper():
            raise forms.ValidationError(_("That is not the reference of this application"))
        return typed
