"""The form pack: labels, hints, errors, and the error summary that leads to them."""

import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms
from django.template import Context, Template

from members.fields import DateBoxes, DayMonthYearField

PAGE = Template("{% load crispy_forms_tags %}{% include '_error_summary.html' %}{{ form|crispy }}")


class Long(forms.Form):
    """One field of every sort."""

    name = forms.CharField(label="Full name", help_text="As others see it.")
    nickname = forms.CharField(label="Nickname", required=False)
    born = DayMonthYearField(label="Date of birth", widget=DateBoxes(attrs={"autocomplete": "bday"}))
    nation = forms.ChoiceField(
        label="Nation",
        choices=[("e", "England"), ("s", "Scotland")],
        widget=forms.RadioSelect,
        help_text="One.",
    )
    topics = forms.MultipleChoiceField(
        label="Topics", choices=[("h", "Housing")], widget=forms.CheckboxSelectMultiple
    )
    place = forms.ChoiceField(label="Place", choices=[("", "Choose"), ("y", "York")])
    why = forms.CharField(label="Why", widget=forms.Textarea, max_length=10, help_text="In a word.")
    agree = forms.BooleanField(label="I agree")
    token = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> None:
        raise forms.ValidationError("It does not add up")


class Ids(HTMLParser):
    """All ids, and all that refers to an id, in a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.references: list[str] = []
        self.controls: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found: dict[str, Any] = dict(attrs)
        if "id" in found:
            self.ids.append(found["id"])
            if tag in {"input", "select", "textarea"}:
                self.controls.add(found["id"])
        for name in ("for", "aria-describedby", "aria-labelledby", "data-counts"):
            self.references += (found.get(name) or "").split()


def render(data: dict[str, Any] | None = None) -> str:
    return PAGE.render(Context({"form": Long(data)}))


def test_every_reference_in_a_form_with_errors_resolves() -> None:
    html = render({"why": "x" * 11, "born_year": "77", "born_day": "1", "born_month": "1"})
    found = Ids(html)
    assert len(found.ids) == len(set(found.ids))
    assert set(found.references) <= set(found.ids)
    links = re.findall(r'<a href="#([^"]+)">', html)
    assert len(links) == 8
    assert set(links) <= found.controls


def test_the_summary_leads_to_the_first_radio_and_to_the_faulty_box() -> None:
    html = render({"born_year": "77", "born_day": "1", "born_month": "1"})
    links = re.findall(r'<a href="#([^"]+)">', html)
    assert links[0] == "id_name"  # what is wrong with the whole form leads to its first control
    assert "id_nation_0" in links
    assert "id_topics_0" in links
    assert "id_born_2" in links


def test_an_error_makes_sense_away_from_its_field() -> None:
    html = render({"why": "x" * 11})
    assert "This field is required" not in html
    assert html.count("Fill in: Full name") == 2  # in the summary and beside the field
    assert html.count("Choose an answer: Nation") == 2
    assert html.count("Tick the box: I agree") == 2
    assert html.count("Why: use 10 characters or fewer") == 2


def test_only_the_faulty_box_is_marked() -> None:
    html = render({"born_year": "77", "born_day": "1", "born_month": "1"})
    boxes = dict(re.findall(r'<input type="text" inputmode="numeric" name="(born_\w+)"([^>]*)>', html))
    assert [name for name, rest in boxes.items() if "aria-invalid" in rest] == ["born_year"]


def test_a_form_without_errors_has_no_summary() -> None:
    html = render()
    assert "error-summary" not in html
    assert "aria-invalid" not in html


def test_what_may_be_left_empty_says_so_and_what_may_not_does_not() -> None:
    html = render()
    assert re.search(r'Nickname <span class="field__optional">\(optional\)</span>', html)
    assert html.count("(optional)") == 1


def test_the_hint_comes_before_the_control_and_is_tied_to_it() -> None:
    html = render()
    assert html.index("As others see it.") < html.index('id="id_name"')
    assert 'aria-describedby="id_name_helptext"' in html
    assert re.search(r'<fieldset aria-describedby="id_nation_helptext">\s*<legend', html)


def test_an_error_stands_with_its_control() -> None:
    html = render({"name": ""})
    control = re.search(r"<input[^>]*id=\"id_name\"[^>]*>", html)
    assert control
    assert 'aria-invalid="true"' in control.group()
    assert 'aria-describedby="id_name_helptext id_name_error"' in control.group()


def test_radios_carry_no_invalid_mark_of_their_own() -> None:
    html = render({})
    assert not re.search(r'<input type="(radio|checkbox)" name="(nation|topics)"[^>]*aria-invalid', html)


def test_a_long_text_is_counted_rather_than_cut() -> None:
    html = render()
    control = re.search(r"<textarea[^>]*>", html)
    assert control
    assert "maxlength" not in control.group()
    assert 'aria-describedby="id_why_helptext id_why_count"' in control.group()
    assert "You can enter up to 10 characters" in html


def test_what_somebody_typed_is_shown_as_text() -> None:
    html = render({"name": '"><script>x</script>', "born_day": '"><b>', "why": "</textarea><i>"})
    assert "<script>" not in html
    assert "<b>" not in html
    assert "<i>" not in html


def test_a_date_is_told_to_the_browser_part_by_part() -> None:
    html = render()
    assert all(f'autocomplete="bday-{part}"' in html for part in ("day", "month", "year"))


@pytest.mark.parametrize("month", ["3", "03", "March", "march", "MAR", "Mar.", " mar "])
def test_a_month_is_known_by_number_and_by_name(month: str) -> None:
    assert DayMonthYearField().clean(["27", month, "1977"]) == date(1977, 3, 27)


@pytest.mark.parametrize(
    ("boxes", "code"),
    [
        (["", "", ""], "required"),
        (["", "3", "1977"], "day"),
        (["27", "", "1977"], "month"),
        (["27", "3", ""], "year"),
        (["", "", "1977"], "day_month"),
        (["", "3", ""], "day_year"),
        (["27", "", ""], "month_year"),
        (["0", "3", "1977"], "unreal_day"),
        (["32", "3", "1977"], "unreal_day"),
        (["x", "3", "1977"], "unreal_day"),
        (["27", "0", "1977"], "unreal_month"),
        (["27", "13", "1977"], "unreal_month"),
        (["27", "ma", "1977"], "unreal_month"),
        (["27", "Marchember", "1977"], "unreal_month"),
        (["27", "3", "77"], "short_year"),
        (["27", "3", "0077"], "short_year"),
        (["27", "3", "19770"], "short_year"),
        (["29", "2", "1977"], "unreal"),
        (["31", "4", "1977"], "unreal"),
        (["²7", "3", "1977"], "unreal_day"),
    ],
)
def test_a_wrong_date_is_told_precisely(boxes: list[str], code: str) -> None:
    field = DayMonthYearField()
    with pytest.raises(forms.ValidationError) as caught:
        field.clean(boxes)
    assert caught.value.code == code
    assert field.faulty_boxes(code)


def test_the_last_day_of_february_counts_in_a_leap_year() -> None:
    assert DayMonthYearField().clean(["29", "2", "1976"]) == date(1976, 2, 29)


def test_a_date_may_be_left_empty_where_it_is_not_required() -> None:
    assert DayMonthYearField(required=False).clean(["", " ", ""]) is None


def test_a_date_that_is_known_stands_in_the_boxes() -> None:
    class Known(forms.Form):
        born = DayMonthYearField(initial=date(1977, 3, 27))

    html = PAGE.render(Context({"form": Known()}))
    assert re.findall(r'value="(\d+)"', html) == ["27", "3", "1977"]
    assert not Known({"born_day": "27", "born_month": "3", "born_year": "1977"}).has_changed()
