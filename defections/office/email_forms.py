"""The forms of a change of an applicant's email address at the office."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from decisions.forms import text_area
from defections.email_changes import LONGEST_NOTE
from defections.office.reference_field import ReferenceField
from members.fields import refuse_unsendable


def _address(label: Any, hint: Any = "") -> forms.EmailField:
    return forms.EmailField(
        label=label,
        max_length=254,
        help_text=hint,
        widget=forms.EmailInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
        validators=[refuse_unsendable],
        error_messages={
            "required": _("Enter the new email address"),
            "invalid": _("Enter an email address in the correct format, like name@example.com"),
            "max_length": _("That is longer than any email address"),
        },
    )


class EmailChangeAskForm(forms.Form):
    """Whose address, and the new one."""

    reference = ReferenceField()
    email = _address(_("The new email address"))


class EmailChangeCallForm(forms.Form):
    """What the applicant said on the phone."""

    email = _address(
        _("The new email address, as the applicant says it"),
        _("It is not shown here: have it spelled, and type what you hear."),
    )
    note = text_area(
        _("Who did you speak with, on which number, and what was said?"),
        missing=_("Say who you spoke with, on which number, and what was said"),
        limit=LONGEST_NOTE,
        rows=3,
    )
