"""What the form pack (templates/harmony/field.html) and the error summary ask of a form."""

from typing import Any, TypedDict

from django import forms, template
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.forms import BaseForm, BoundField
from django.forms.widgets import ChoiceWidget
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from members.fields import DateBoxes, DayMonthYearField

register = template.Library()


class ErrorLink(TypedDict):
    """One line of the error summary; `target` is the id of the control to go to, "" for none."""

    message: str
    target: str


@register.simple_tag
def error_links(form: BaseForm) -> list[ErrorLink]:
    """The form's errors in the order of its fields, each with the control that puts it right.

    What is wrong with the form as a whole comes first and leads to its first visible control.
    """
    fields = form.visible_fields()
    first = first_control(fields[0]) if fields else ""
    whole: list[ErrorLink] = [{"message": str(text), "target": first} for text in form.non_field_errors()]
    hidden: list[ErrorLink] = [
        {"message": text, "target": ""} for bound in form.hidden_fields() for text in error_texts(bound)
    ]
    own: list[ErrorLink] = [
        {"message": text, "target": first_control(bound)} for bound in fields for text in error_texts(bound)
    ]
    return whole + hidden + own


@register.filter
def is_optional(bound: BoundField) -> bool:
    """Whether the label says so: a field that may stay empty, unless the form lists it among those `wanted`.

    A form wants a field that may stay empty only beside another one: one phone number of two, a family name.
    """
    return not bound.field.required and bound.name not in getattr(bound.form, "wanted", ())


@register.simple_tag
def error_texts(bound: BoundField) -> list[str]:
    """What is wrong with the field, in sentences that make sense away from it.

    A form says so itself, in its fields' error_messages; where it leaves Django's bare words for a field that
    is empty or too long, they are replaced by ones that name the field.
    """
    errors = bound.form.errors.as_data().get(bound.name, [])
    return [text for error in errors for text in _named(bound, error)]


def _named(bound: BoundField, error: ValidationError) -> list[str]:
    values = {"label": bound.label, "most": (error.params or {}).get("limit_value")}
    if error.code == "required" and error.message is forms.Field.default_error_messages["required"]:
        if isinstance(bound.field.widget, forms.CheckboxInput):
            return [_("Tick the box: %(label)s") % values]
        if isinstance(bound.field.widget, ChoiceWidget):
            return [_("Choose an answer: %(label)s") % values]
        return [_("Fill in: %(label)s") % values]
    if error.code == "max_length" and error.message is MaxLengthValidator.message:
        return [_("%(label)s: use %(most)d characters or fewer") % values]
    return [str(message) for message in error.messages]


def first_control(bound: BoundField) -> str:
    """The id of the control to go to for this field: the first radio, the first faulty box of a date."""
    if has_boxes(bound):
        return f"{bound.auto_id}_{min(_faulty_boxes(bound) or {0})}"
    return bound.id_for_label or f"{bound.auto_id}_0"


def _faulty_boxes(bound: BoundField) -> set[int]:
    """Which boxes of a date its errors are about."""
    if not isinstance(bound.field, DayMonthYearField):
        return set()
    errors = bound.form.errors.as_data().get(bound.name, [])
    return {box for error in errors for box in bound.field.faulty_boxes(error.code)}


@register.filter
def has_boxes(bound: BoundField) -> bool:
    """Whether the field is a date in three boxes, or a month in two."""
    return isinstance(bound.field.widget, DateBoxes)


@register.filter
def is_tick_box(bound: BoundField) -> bool:
    """Whether the field is a single tick box."""
    return isinstance(bound.field.widget, forms.CheckboxInput)


@register.simple_tag
def date_boxes(bound: BoundField) -> list[dict[str, Any]]:
    """The boxes of a date, or of a month: what the template needs to draw each."""
    faulty = _faulty_boxes(bound)
    whole = bound.subwidgets[0].data
    bday = whole["attrs"].get("autocomplete") == "bday"
    return [
        {
            "id": box["attrs"]["id"],
            "name": box["name"],
            "value": box["value"],
            "label": label,
            "width": "width-4" if part == "year" else "width-2",
            "inputmode": "numeric",
            "autocomplete": f"bday-{part}" if bday else "",
            "faulty": index in faulty,
        }
        for index, (box, (part, label)) in enumerate(
            zip(whole["subwidgets"], bound.field.widget.boxes, strict=True)
        )
    ]


@register.simple_tag
def control(bound: BoundField) -> SafeString:
    """The field's control, without placeholder and autofocus: the label stays, the focus is the reader's.

    A text area with a limit lets people write past it and tells them, rather than swallow what they type.
    """
    attrs: dict[str, Any] = {"placeholder": False, "autofocus": False}
    if character_limit(bound):
        described = [bound.aria_describedby or "", f"{bound.auto_id}_count"]
        attrs |= {"maxlength": False, "aria-describedby": " ".join(filter(None, described))}
    return bound.as_widget(attrs=attrs)


@register.simple_tag
def character_limit(bound: BoundField) -> int | None:
    """How many characters a text area takes, or None for any other control or no limit."""
    limit = getattr(bound.field, "max_length", None)
    return limit if isinstance(bound.field.widget, forms.Textarea) else None
