"""What the applicant promises and agrees to, each by a tick of its own, in the words of the release (D4, D5, D13)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from defections.form.fields import YesNoField
from defections.form.section_form import SectionForm
from harmony.time import iso


class PledgeForm(SectionForm):
    """A tick that is kept as the moment at which it was first given; `stamps` names its item."""

    stamps = "agreed_at"
    agreed = forms.BooleanField(label="")

    def initial_from(self, given: Any) -> dict[str, Any]:
        """Ticked where it was given before."""
        return {**super().initial_from(given), "agreed": bool(given.get(self.stamps))}

    def answer(self) -> dict[str, Any]:
        """When it was given; a tick that stays keeps its moment."""
        given = super().answer()
        given.pop("agreed")
        return {**given, self.stamps: self.given.get(self.stamps) or iso(self.about.at)}


class PrinciplesForm(PledgeForm):
    """To seek to adhere to the Four Principles."""

    agreed = forms.BooleanField(
        label="", error_messages={"required": _("Tick the box to agree: we ask it of everybody")}
    )


class ConsensusForm(PrinciplesForm):
    """To follow Party Consensus."""


class PrivateAccountsForm(PledgeForm):
    """Whether there are private accounts, and the promise to keep them so."""

    stamps = "promised_at"
    field_order = ("exist", "agreed")
    exist = YesNoField(
        label=_("Do you have private accounts on social media?"),
        missing=_("Say whether you have private accounts on social media"),
        help_text=_(
            "Private means that only people you choose can read what you post. We do not ask for their names."
        ),
    )
    agreed = forms.BooleanField(
        label="", error_messages={"required": _("Tick the box to promise: we ask it of everybody")}
    )


class DeclarationForm(forms.Form):
    """That all is true and complete; given with the sending."""

    agreed = forms.BooleanField(
        label="", error_messages={"required": _("Tick the box to declare this before you send the form")}
    )

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agreed"].label = label
