"""The pages of the form in order, and where each leads: one thing a page, sections as the catalogue has them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from defections import completeness
from defections.catalogue import BY_KEY, SECTIONS, Basis, Section
from defections.completeness import Given
from defections.form import office_forms, person_forms, pledge_forms, row_forms
from defections.form.section_form import SectionForm
from defections.models import Passage

Key = Passage.Key


@dataclass(frozen=True)
class Step:
    """One page. `form` is None for those with a view of their own, named `form_<key>`."""

    key: str  # in the address
    section: str
    title: Promise
    form: type[SectionForm] | None = None
    notices: tuple[str, ...] = ()  # passages of the release that stand above the form
    pledges: Mapping[str, str] | None = None  # passages that are the label of a field
    intro: str = ""  # a template that stands above the form
    then: Callable[[Given], str] = lambda _given: ""  # the next page of the section, by its answer

    @property
    def address(self) -> str:
        """Its address on the site."""
        if self.form is None:
            return reverse(f"defections:form_{self.key}")
        return reverse("defections:form_page", args=[self.key])


def _intro(name: str) -> str:
    return f"defections/form/_intro_{name}.html"


STEPS: tuple[Step, ...] = (
    Step(
        "name",
        "name",
        _("Your name"),
        person_forms.NameForm,
        intro=_intro("name"),
        then=lambda given: "legal-name" if given.get("legal_differs") else "",
    ),
    Step("legal-name", "name", _("Your legal name"), person_forms.LegalNameForm),
    Step("birth", "birth", _("Your date of birth"), person_forms.BirthForm),
    Step("phones", "phones", _("Your phone numbers"), person_forms.PhonesForm, intro=_intro("phones")),
    Step(
        "address",
        "address",
        _("Your address"),
        person_forms.AddressForm,
        intro=_intro("address"),
        then=lambda given: "address-abroad" if given.get("is_abroad") else "",
    ),
    Step(
        "address-abroad",
        "address",
        _("Your address outside the United Kingdom"),
        person_forms.AddressAbroadForm,
        intro=_intro("address"),
    ),
    Step(
        "office",
        "office",
        _("The office you hold"),
        office_forms.LevelForm,
        then=lambda _given: "office-details",
    ),
    Step("office-details", "office", _("More about your office"), office_forms.OfficeForm),
    Step(
        "party",
        "party",
        _("Your present party"),
        office_forms.PartyForm,
        then=lambda given: "" if given.get("is_independent") else "party-name",
    ),
    Step("party-name", "party", _("The name of your party"), office_forms.PartyNameForm),
    Step("society", "society", _("Your local society")),
    Step(
        "links",
        "links",
        _("Your links with the area"),
        office_forms.BasisForm,
        intro=_intro("links"),
        then=lambda given: "residence" if given.get("basis") == Basis.RESIDENCE else "local-links",
    ),
    Step(
        "local-links",
        "links",
        _("Your local links"),
        office_forms.LinksForm,
        intro=_intro("links"),
        then=lambda _given: "evidence",
    ),
    Step(
        "residence",
        "links",
        _("Your residence in the area"),
        office_forms.ResidenceForm,
        intro=_intro("links"),
        then=lambda _given: "evidence",
    ),
    Step("evidence", "links", _("Documents that show it")),
    Step(
        "employment",
        "employment",
        _("Your employment"),
        row_forms.EmployedForm,
        intro=_intro("employment"),
        then=lambda _given: "jobs",
    ),
    Step("jobs", "employment", _("Your jobs")),
    Step(
        "public-accounts",
        "public_accounts",
        _("Your public accounts"),
        row_forms.AnyAccountsForm,
        then=lambda given: "accounts" if given.get("has_any") else "",
    ),
    Step("accounts", "public_accounts", _("The public accounts that you have")),
    Step(
        "private-accounts",
        "private_accounts",
        _("Your private accounts"),
        pledge_forms.PrivateAccountsForm,
        notices=(Key.PRIVATE_BREACH,),
        pledges={"agreed": Key.PRIVACY},
    ),
    Step(
        "principles",
        "principles",
        _("The Kernel and the Four Principles"),
        pledge_forms.PrinciplesForm,
        notices=(Key.RESELECTION,),
        pledges={"agreed": Key.PRINCIPLES},
        intro=_intro("principles"),
    ),
    Step(
        "consensus",
        "consensus",
        _("Party Consensus"),
        pledge_forms.ConsensusForm,
        pledges={"agreed": Key.CONSENSUS},
        intro=_intro("consensus"),
    ),
)
BY_STEP = {step.key: step for step in STEPS}
# The sections of the task list: the declaration is given with the sending.
TASKS: tuple[Section, ...] = tuple(section for section in SECTIONS if section.key != "declaration")
# Items that are not asked for on the first page of their section.
_ELSEWHERE = {
    "legal_given_name": "legal-name",
    "legal_family_name": "legal-name",
    "postal_lines": "address-abroad",
    "country": "address-abroad",
    "body": "office-details",
    "area": "office-details",
    "held_since": "office-details",
    "elected_as": "office-details",
    "party": "party-name",
    "resident_since": "residence",
}


def first_step(section: str) -> Step:
    """The page on which a section begins."""
    return next(step for step in STEPS if step.section == section)


def step_of(section: str, item: str, given: Given) -> Step:
    """The page on which an item was asked for."""
    if section == "links" and item == "statement":
        return BY_STEP["residence" if given.get("basis") == Basis.RESIDENCE else "local-links"]
    return BY_STEP.get(_ELSEWHERE.get(item, ""), first_step(section))


class Progress(Enum):
    """How far a section is."""

    TO_DO = "to_do"
    BEGUN = "begun"
    DONE = "done"
    WAITS = "waits"  # for another section


def progress(answers: Mapping[str, Given]) -> dict[str, Progress]:
    """How far each section of the task list is."""
    return {section.key: _progress(section.key, answers) for section in TASKS}


def _progress(section: str, answers: Mapping[str, Given]) -> Progress:
    if completeness.is_complete(section, answers.get(section, {})):
        return Progress.DONE
    if section == "links" and not completeness.is_complete("society", answers.get("society", {})):
        return Progress.WAITS
    return Progress.BEGUN if answers.get(section) else Progress.TO_DO


def after(step: Step, answers: Mapping[str, Given], *, is_checking: bool) -> str:
    """The address after a page was saved.

    On from the check page: straight back there, unless the section now lacks something. Otherwise the next page
    of the section, then the next section that lacks something, then the check page.
    """
    given = answers.get(step.section, {})
    following = step.then(given)
    is_done = completeness.is_complete(step.section, given)
    if following and not (is_checking and is_done):
        return BY_STEP[following].address + ("?check=1" if is_checking else "")
    if is_checking:
        return reverse("defections:form_check")
    return next_to_do(answers, behind=step.section)


def next_to_do(answers: Mapping[str, Given], *, behind: str = "") -> str:
    """The address of the next section that lacks something, from the one `behind` round to it; the check page else."""
    keys = [section.key for section in TASKS]
    turn = keys.index(behind) + 1 if behind else 0
    for key in keys[turn:] + keys[:turn]:
        if not completeness.is_complete(key, answers.get(key, {})):
            return first_step(key).address
    return reverse("defections:form_check")


def before(step: Step, given: Given, *, is_checking: bool) -> str:
    """The address of the page before: of the same section where there is one, else the task list or check page."""
    way = _way_through(step.section, given)
    if step in way[1:]:
        return way[way.index(step) - 1].address + ("?check=1" if is_checking else "")
    return reverse("defections:form_check" if is_checking else "defections:task_list")


def _way_through(section: str, given: Given) -> list[Step]:
    """The pages of a section in the order in which these answers lead to them."""
    way = [first_step(section)]
    while following := way[-1].then(given):
        way.append(BY_STEP[following])
    return way


def number_of(section: str) -> int:
    """Which section of the task list it is, from 1."""
    return TASKS.index(BY_KEY[section]) + 1
