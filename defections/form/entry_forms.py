"""The two boxes before the form: one's address, and the code that was mailed to it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import refuse_unsendable
from members.forms import code_field


class AddressForm(forms.Form):
    """The address that the applicant is written to."""

    email = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        help_text=_("One that only you read. We never say in the subject of a mail what it is about."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        validators=[refuse_unsendable],
        error_messages={
            "required": _("Enter your email address"),
            "invalid": _("Enter an email address in the correct format, like name@example.com"),
            "max_length": _("That is longer than any email address"),
        },
    )


class CodeForm(forms.Form):
    """The code that was mailed."""

    code = code_field()
