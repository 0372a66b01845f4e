"""Forms about a person's own account."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.models import Person


class SignUpForm(forms.Form):
    """What signing up asks beside the email address."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("The name by which other people here will see you. It need not be your legal name."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )
    field_order = ["name", "email"]

    def signup(self, _request: HttpRequest, person: Person) -> None:
        """Keeps the name; called by allauth once the account is made."""
        person.name = self.cleaned_data["name"]
        person.save(update_fields=["name"])
