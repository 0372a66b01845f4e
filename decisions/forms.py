"""What people fill in on the decisions' pages. What the domain refuses becomes an error of the form: see views."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly
from decisions.models import Decision, Option, Stance
from decisions.register import Filters
from decisions.standing import Stage
from harmony.text import MARKDOWN
from members.fields import DayMonthYearField
from members.models import Person

MOST_OPTIONS = 20


def text_area(
    label: Any, *, missing: Any = "", limit: int = 5000, rows: int = 5, **more: Any
) -> forms.CharField:
    """A box for running text of at most `limit` characters; `missing` is what to say when it is empty."""
    errors = {"required": missing, "max_length": _("Write at most %(limit_value)d characters")}
    return forms.CharField(
        label=label,
        max_length=limit,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages=errors,
        **more,
    )


class TextForm(forms.Form):
    """One box of text."""

    text = text_area(_("Text"), missing=_("Write something first"))

    def __init__(
        self, *args: Any, label: Any, missing: Any, hint: Any = "", limit: int = 5000, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"] = text_area(label, missing=missing, limit=limit, help_text=hint)


class MatterForm(forms.Form):
    """A matter's title and text."""

    title = forms.CharField(
        label=_("What is to be decided?"),
        max_length=160,
        help_text=_("In one line, as a question or a plan. For example: a new meeting place for the winter"),
        error_messages={
            "required": _("Say in one line what is to be decided"),
            "max_length": _("Write at most %(limit_value)d characters"),
        },
    )
    text = text_area(_("What, and why?"), limit=20000, rows=8, required=False, help_text=MARKDOWN)


class ProposalForm(MatterForm):
    """A new matter: its text, and its options in pairs of boxes, name and statement.

    `boxes` says how many pairs there are; the page sends it back, and one more with "add another option".
    """

    boxes = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, boxes: int, others: Iterable[Assembly] = (), **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"boxes": boxes}, **kwargs})
        self.pairs = range(1, min(max(boxes, 1), MOST_OPTIONS) + 1)
        for n in self.pairs:
            self.fields[f"option_{n}"] = forms.CharField(
                label=_now("Name of option %(n)d") % {"n": n}, max_length=120, required=n == 1
            )
            self.fields[f"option_{n}"].error_messages |= {
                "required": _("Name at least one option"),
                "max_length": _("Write at most %(limit_value)d characters"),
            }
            self.fields[f"statement_{n}"] = text_area(
                _now("More about option %(n)d") % {"n": n}, rows=3, required=False
            )
        self.by_slug = {assembly.slug: assembly for assembly in others}
        if self.by_slug:
            self.fields["together_with"] = forms.MultipleChoiceField(
                label=_("Together with other assemblies"),
                help_text=_("Their people take part too, and each of their members has one vote."),
                choices=[(slug, assembly.name) for slug, assembly in self.by_slug.items()],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    def bound_pairs(self) -> list[tuple[int, forms.BoundField, forms.BoundField]]:
        """For the page: the number of each option, with its two boxes."""
        return [(n, self[f"option_{n}"], self[f"statement_{n}"]) for n in self.pairs]

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another option."""
        return len(self.pairs) >= MOST_OPTIONS

    def options(self) -> list[tuple[str, str]]:
        """The options as typed, without empty ones."""
        given = self.cleaned_data
        pairs = [(given.get(f"option_{n}", ""), given.get(f"statement_{n}", "")) for n in self.pairs]
        return [(name, statement) for name, statement in pairs if name]

    def together_with(self) -> list[Assembly]:
        """The other assemblies that were ticked."""
        return [self.by_slug[slug] for slug in self.cleaned_data.get("together_with", [])]

    def clean(self) -> dict[str, Any]:
        """Refuses a statement without the name of its option."""
        given = super().clean() or self.cleaned_data
        for n in self.pairs:
            if given.get(f"statement_{n}") and not given.get(f"option_{n}") and n > 1:
                self.add_error(f"option_{n}", _now("Name option %(n)d, or empty the box below") % {"n": n})
        return given


class OptionForm(forms.Form):
    """A further option."""

    name = forms.CharField(
        label=_("Name of the option"),
        max_length=120,
        error_messages={
            "required": _("Name the option"),
            "max_length": _("Write at most %(limit_value)d characters"),
        },
    )
    statement = text_area(_("More about it"), required=False, help_text=MARKDOWN)


class ChooseOptionForm(forms.Form):
    """One of the things that can be called on, by the place of its option; each comes with its words."""

    option = forms.ChoiceField(
        label=_("On which option?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose the option to call on"),
            "invalid_choice": _("Choose an option"),
        },
    )

    def __init__(self, *args: Any, options: Iterable[tuple[Option, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["option"].choices = [(str(option.position), words) for option, words in options]  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """An answer to a call."""

    stance = forms.ChoiceField(
        label=_("Your answer"),
        widget=forms.RadioSelect,
        choices=(
            (Stance.AGREE.value, _("Agree: I support this, or can live with it")),
            (Stance.STAND_ASIDE.value, _("Stand aside: I do not support it, and will not stop it")),
            (Stance.OBJECT.value, _("Object: this should not go ahead as it is")),
        ),
        error_messages={
            "required": _("Choose agree, stand aside or object"),
            "invalid_choice": _("Choose an answer"),
        },
    )
    reason = text_area(
        _("Your reason"),
        limit=3000,
        required=False,
        help_text=_("If you object, say why: others can only answer what they know. Everybody can read it."),
    )


class ReasonForm(forms.Form):
    """A reason in one line, shown to everybody."""

    reason = forms.CharField(label=_("Why?"), max_length=300, help_text=_("Everybody can read the reason."))

    def __init__(self, *args: Any, missing: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].error_messages |= {
            "required": missing,
            "max_length": _("Write at most %(limit_value)d characters"),
        }


class DaysForm(forms.Form):
    """How many days a deliberation lasts."""

    days = forms.IntegerField(
        label=_("For how many days?"),
        widget=forms.TextInput(attrs={"class": "width-2", "inputmode": "numeric"}),
        error_messages={
            "required": _("Enter a number of days"),
            "invalid": _("Enter a number of days, as 7"),
        },
    )

    def __init__(self, *args: Any, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"days": least}, **kwargs})
        self.fields["days"].help_text = _now("At least %(least)d, at most %(most)d") % {
            "least": least,
            "most": most,
        }


class TaskForm(forms.Form):
    """A task with its owner and its day."""

    title = forms.CharField(
        label=_("What is to be done?"),
        max_length=200,
        error_messages={
            "required": _("Say what is to be done"),
            "max_length": _("Write at most %(limit_value)d characters"),
        },
    )
    owner = forms.ModelChoiceField(
        Person.objects.none(),
        label=_("Who does it?"),
        help_text=_("Ask them first: they are told by email."),
        empty_label=_("Choose a person"),
        error_messages={
            "required": _("Choose who does it"),
            "invalid_choice": _("Choose somebody taking part"),
        },
    )
    due_on = DayMonthYearField(
        label=_("By when?"),
        help_text=_("For example, 27 3 2027"),
        error_messages={"required": _("Enter the day by which it is to be done")},
    )

    def __init__(self, *args: Any, people: "QuerySet[Person]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people.order_by("name")  # type: ignore[attr-defined]

    def clean_due_on(self) -> date | None:
        """A day in a year that can be reckoned with."""
        return _in_our_time(self.cleaned_data["due_on"])


def _in_our_time(day: date | None) -> date | None:
    """`day`; raises ValidationError where its year is out of all reason."""
    if day is not None and not 2000 <= day.year <= 2200:
        raise forms.ValidationError(_("Enter a year between 2000 and 2200"), code="year")
    return day


class RegisterForm(forms.Form):
    """What the register is searched and filtered by; sent by GET."""

    q = forms.CharField(label=_("Words"), max_length=100, required=False)
    assembly = forms.ModelChoiceField(
        Assembly.objects.none(),
        label=_("Assembly"),
        to_field_name="slug",
        required=False,
        empty_label=_("All assemblies"),
        error_messages={"invalid_choice": _("Choose one of the assemblies")},
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("", _("All kinds")), *Decision.Kind.choices], required=False
    )
    stage = forms.ChoiceField(
        label=_("Where it stands"), choices=[("", _("Anywhere")), *Stage.choices], required=False
    )
    since = DayMonthYearField(label=_("From"), help_text=_("For example, 27 3 2026"), required=False)
    until = DayMonthYearField(label=_("To"), help_text=_("For example, 27 6 2026"), required=False)

    def __init__(self, *args: Any, assemblies: "QuerySet[Assembly]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assembly"].queryset = assemblies  # type: ignore[attr-defined]

    def clean_since(self) -> date | None:
        """A day in a year that can be reckoned with."""
        return _in_our_time(self.cleaned_data["since"])

    def clean_until(self) -> date | None:
        """The same."""
        return _in_our_time(self.cleaned_data["until"])

    def filters(self) -> Filters:
        """What is asked for; what makes no sense is left out, and the page shows its error."""
        self.is_valid()
        return Filters(**{name: value for name, value in self.cleaned_data.items() if value})

    @property
    def narrows(self) -> bool:
        """Whether anything but words is asked for, rightly or wrongly."""
        given = [name for name, value in getattr(self, "cleaned_data", {}).items() if value]
        return bool({"assembly", "kind", "stage", "since", "until"} & {*given, *self.errors})
