"""Forms that only the admin's steps ask: the others are those of the site's pages."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly
from decisions.forms import text_area
from decisions.gathering_forms import CallForm
from decisions.models import Position, Registration
from harmony.text import MARKDOWN


class ObjectionForm(forms.Form):
    """One objection, and the answer to it."""

    objection = forms.ModelChoiceField(
        Position.objects.none(),
        label=_("Whose objection?"),
        empty_label=_("Choose an objection"),
        error_messages={"required": _("Choose an objection"), "invalid_choice": _("Choose from the list")},
    )
    text = text_area(_("Your answer"), missing=_("Write an answer"), help_text=MARKDOWN)

    def __init__(self, *args: Any, objections: "QuerySet[Position]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["objection"]
        field.queryset = objections
        field.label_from_instance = lambda row: f"{row.person}: {row.reason[:100]}"


class CallAnywhereForm(CallForm):
    """All that calling a gathering asks, and of which assembly it is."""

    assembly = forms.ModelChoiceField(
        Assembly.objects.none(),
        label=_("Of which assembly?"),
        empty_label=_("Choose an assembly"),
        error_messages={
            "required": _("Choose the assembly"),
            "invalid_choice": _("Choose an assembly that you serve"),
        },
    )
    field_order = ["assembly", *CallForm.field_order]

    def __init__(self, *args: Any, assemblies: "QuerySet[Assembly]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["assembly"]
        field.queryset = assemblies


class AttendanceForm(forms.Form):
    """Who of those registered came."""

    came = forms.ModelMultipleChoiceField(
        Registration.objects.none(),
        label=_("Who came?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nobody ticked means that nobody came. It can be put right later."),
    )

    def __init__(self, *args: Any, rows: "QuerySet[Registration]", **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"came": rows.filter(attended_at__isnull=False)}, **kwargs})
        field: Any = self.fields["came"]
        field.queryset = rows
        field.label_from_instance = lambda row: str(row.person)
