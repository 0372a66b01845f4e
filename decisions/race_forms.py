"""What people fill in to stand for an office."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from decisions.forms import text_area
from decisions.nominations import LONGEST_STATEMENT
from harmony.text import MARKDOWN


class StatementForm(forms.Form):
    """A candidate's statement."""

    statement = text_area(
        _("Why do you stand?"),
        missing=_("Say why you stand"),
        limit=LONGEST_STATEMENT,
        rows=8,
        help_text=MARKDOWN,
    )


class StandForm(StatementForm):
    """The statement, and what is accepted with it; `affirmation` is the assembly's own statement, or ""."""

    accepts_principles = forms.BooleanField(
        label=_("I accept the Ethical Kernel and the Four Principles, and will seek to follow them"),
        error_messages={"required": _("Accept the Ethical Kernel and the Four Principles to stand")},
    )
    affirms = forms.BooleanField(error_messages={"required": _("Tick the box if you affirm the statement")})

    def __init__(self, *args: Any, affirmation: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if affirmation:
            self.fields["affirms"].label = affirmation
        else:
            del self.fields["affirms"]
