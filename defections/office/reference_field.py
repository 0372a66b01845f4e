"""The box for the reference of an application."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from defections.models import Application


class ReferenceField(forms.CharField):
    """An application by its reference, in whatever case it was typed; a draft has one too."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"class": "width-20", "spellcheck": "false", "autocomplete": "off"})
        errors = {"required": _("Enter the reference")}
        label = _("Reference of the application")
        super().__init__(
            **{"label": label, "max_length": 16, "widget": widget, "error_messages": errors, **kwargs}
        )

    def clean(self, value: Any) -> Any:
        """The application. Raises ValidationError."""
        typed = str(super().clean(value)).strip().upper()
        found = Application.objects.filter(reference=typed).first()
        if found is None:
            raise forms.ValidationError(_("No application has this reference"), code="unknown")
        return found
