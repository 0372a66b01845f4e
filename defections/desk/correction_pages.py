"""The pages on which what was given is corrected: the questions of the form once more, under the same checks.

Each page of the form that asks for facts has one here, by the same name; "jobs" and "accounts" are about one row.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly, Kind
from defections import lines
from defections.catalogue import BY_KEY
from defections.desk import correcting
from defections.desk.correcting import Grounds
from defections.form import flow, row_forms
from defections.form.fields import YesNoField
from defections.form.section_form import About, SectionForm
from defections.form.society_views import ConstituencyField
from defections.models import Check, Correction

LONGEST_HOW = 2000


class ConstituencyForm(SectionForm):
    """The constituency, from the whole list."""

    constituency = ConstituencyField(
        Assembly.objects.none(),
        label=_("Constituency"),
        error_messages={
            "required": _("Choose a constituency"),
            "invalid_choice": _("There is no such constituency: choose one from the list"),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among = Assembly.objects.open_at(self.about.at).filter(kind=Kind.CONSTITUENCY)
        self.fields["constituency"].queryset = among  # type: ignore[attr-defined]

    def answer(self) -> dict[str, Any]:
        """The id as text."""
        return {"constituency": str(self.cleaned_data["constituency"].pk)}


class PrivateAccountsForm(SectionForm):
    """Whether there are private accounts; the promise is the applicant's own."""

    exist = YesNoField(
        label=_("Are there private accounts on social media?"), missing=_("Say whether there are any")
    )


# By the name of the page: its section, and its form.
_PAGES: dict[str, tuple[str, type[SectionForm]]] = {
    step.key: (step.section, step.form)
    for step in flow.STEPS
    if step.form is not None and step.pledges is None
} | {
    "society": ("society", ConstituencyForm),
    "private-accounts": ("private_accounts", PrivateAccountsForm),
}
_ROWS: dict[str, tuple[str, type[SectionForm]]] = {
    "jobs": ("employment", row_forms.JobForm),
    "accounts": ("public_accounts", row_forms.AccountForm),
}


def section_of(step: str, row: int) -> str:
    """The section that a page is about. Raises KeyError where there is no such page."""
    return (_ROWS if row else _PAGES)[step][0]


def step_of(key: str, given: Mapping[str, Any]) -> str:
    """The page on which a line is corrected."""
    section, row, name = lines.parts_of(key)
    if row:
        return row_step(section)
    return flow.step_of(section, name, given).key


def row_step(section: str) -> str:
    """The page about a row of a section that repeats; "" for any other."""
    return next((step for step, (of, _form) in _ROWS.items() if of == section), "")


def following(step: str, row: int, now: Mapping[str, Any]) -> str:
    """The page that an answer asks for as well: the name of the party, the legal name; "" for none."""
    if row:
        return ""
    then = flow.BY_STEP[step].then(now)
    wanted = {
        "legal-name": "legal_given_name",
        "address-abroad": "postal_lines",
        "party-name": "party",
        "residence": "resident_since",
    }
    return then if then in wanted and not now.get(wanted[then]) else ""


def form_of(step: str, row: int, data: Any, *, now: Mapping[str, Any], about: About) -> SectionForm:
    """The form of a page, filled in with the section as it stands `now`, and the grounds for the correction."""
    _section, kind = (_ROWS if row else _PAGES)[step]
    rows = now.get("rows") or []
    given = (rows[row - 1] if row <= len(rows) else {}) if row else now
    form = kind(data, given=given, about=about)
    for field in form.fields.values():
        if "autocomplete" in field.widget.attrs:  # it is about somebody else than whoever types
            field.widget.attrs["autocomplete"] = "off"
    form.fields |= _grounds()
    return form


def _grounds() -> dict[str, forms.Field]:
    return {
        "source": forms.ChoiceField(
            label=_("Where does the correct answer come from?"),
            choices=Correction.Source.choices,
            widget=forms.RadioSelect,
            error_messages=dict.fromkeys(
                ("required", "invalid_choice"), _("Choose where the correct answer comes from")
            ),
        ),
        "how": forms.CharField(
            label=_("How do you know?"),
            max_length=LONGEST_HOW,
            help_text=_("For example, which answer or contact, or where you have seen it."),
            widget=forms.Textarea(attrs={"rows": 2}),
            error_messages={"required": _("Say how you know")},
        ),
        "finding": forms.ChoiceField(
            label=_("What was found about the corrected answer?"),
            choices=Check.Finding.choices,
            widget=forms.RadioSelect,
            error_messages=dict.fromkeys(
                ("required", "invalid_choice"), _("Choose what was found about the corrected answer")
            ),
        ),
    }


GROUNDS = ("source", "how", "finding")


def grounds_in(form: SectionForm) -> Grounds:
    """Where the correction comes from, out of a valid form."""
    return Grounds(*(form.cleaned_data[name] for name in GROUNDS))


def values_in(form: SectionForm, step: str, row: int, *, now: Mapping[str, Any]) -> dict[str, Any]:
    """What a valid form says, by key of the line; rows that it leaves no room for are emptied."""
    section = section_of(step, row)
    answer = form.answer()
    keys = {lines.key_of(section, row, name): value for name, value in answer.items() if name != "rows"}
    if "rows" in answer:
        names = [item.name for item in BY_KEY[section].rows]
        rows = range(1, len(now.get("rows") or []) + 1)
        keys |= {lines.key_of(section, number, name): "" for number in rows for name in names}
    if row and section == "public_accounts":
        keys[lines.key_of(section, 0, "has_any")] = True
    return {key: value for key, value in keys.items() if correcting.is_correctable(key)}
