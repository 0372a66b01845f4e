"""The applicant's part of the story: the form from the first page to the last, through the pages."""

from datetime import date
from typing import Any

from assemblies.models import Assembly
from tests.defections.canary import files
from tests.defections.canary.markers import Given
from tests.defections.canary.walking import Walker

STREET = "12 Station Road"  # in the statement, and no secret: the research keeps it


def statement(given: Given) -> str:
    """Free text that gives away nearly everything that was asked for in confidence."""
    born = date.fromisoformat(given.born)
    return (
        f"{given('links.statement')}. Call me on {_typed(given.mobile_phone)} or write to {given('email')}; I live at "
        f"{given('address.line_1')}, {given.postcode}, and was born on {born.day} {born:%B %Y}. My papers say "
        f"{given('name.legal_given_name')} {given('name.legal_family_name')}. "
        f"After {given('typed passage')} I left. We meet in {STREET}."
    )


def _typed(phone: str) -> str:
    """A number as people type it: +447700900417 as 07700 900417."""
    own = phone.removeprefix("+44")
    return f"0{own[:4]} {own[4:]}"


def fill_in(walker: Walker, given: Given, constituency: Assembly) -> None:
    """Fills in every page of the form in a browser that has entered it, with mistakes on the way."""
    _about_the_person(walker, given)
    _about_the_office(walker, given, constituency)
    _about_the_links(walker, given)
    _about_work(walker, given)
    _page(walker, "private-accounts", exist="yes", agreed="on")
    _page(walker, "principles", agreed="on")
    _page(walker, "consensus", agreed="on")


def attach(walker: Walker, given: Given) -> None:
    """Attaches evidence, also a file that is refused, from the page of the evidence on."""
    refused = files.refused(given("refused file name"))
    walker.post("defections:form_evidence", add="1", file=refused, status=200)
    for file in (files.jpeg(given), files.png(given), files.pdf(given)):
        walker.post("defections:form_evidence", add="1", file=file)
    walker.get("defections:form_evidence")
    walker.post("defections:form_evidence")


def send(walker: Walker) -> None:
    """Looks over what was given, declares and sends."""
    walker.get("defections:form_check")
    walker.get("defections:form_declare")
    walker.post("defections:form_declare", agreed="on")
    walker.get("defections:form_sent")
    walker.get("defections:answers_detail")


def _page(walker: Walker, key: str, *, status: int = 302, **data: Any) -> Any:
    walker.get("defections:form_page", key)
    return walker.send("defections:form_page", key, data=data, status=status)


def _month(name: str, typed: str) -> dict[str, str]:
    year, month = typed.split("-")
    return {f"{name}_month": month, f"{name}_year": year}


def _about_the_person(walker: Walker, given: Given) -> None:
    names = {name: given(f"name.{name}") for name in ("given_name", "family_name")}
    _page(walker, "name", **names, legal_differs="yes")
    legal = {name: given(f"name.{name}") for name in ("legal_given_name", "legal_family_name")}
    _page(walker, "legal-name", **legal)
    typed = dict(zip(("year", "month", "day"), given.born.split("-"), strict=True))
    born = {f"date_of_birth_{part}": number for part, number in typed.items()}
    _page(walker, "birth", **{**born, "date_of_birth_year": typed["year"][2:]}, status=200)
    _page(walker, "birth", **born)
    again = _page(walker, "phones", mobile_phone=given("mistyped phone"), status=200)
    assert given("mistyped phone") in again.content.decode()
    _page(walker, "phones", mobile_phone=_typed(given.mobile_phone), home_phone=_typed(given.home_phone))
    parts = ("line_1", "line_2", "town", "county", "postcode")
    _page(walker, "address", **{name: given(f"address.{name}") for name in parts})


def _about_the_office(walker: Walker, given: Given, constituency: Assembly) -> None:
    _page(walker, "office", level="unitary")
    texts = {name: given(f"office.{name}") for name in ("body", "area", "elected_as")}
    _page(walker, "office-details", **texts, **_month("held_since", given("office.held_since")))
    _page(walker, "party", is_independent="no")
    _page(walker, "party-name", party=given("party.party"))
    found = walker.post("defections:form_society", find="1", q=given("search"))
    assert given("search") in walker.get(found["Location"]).content.decode()
    walker.post("defections:form_society", constituency=str(constituency.pk))


def _about_the_links(walker: Walker, given: Given) -> None:
    _page(walker, "links", basis="residence")
    since = _month("resident_since", given("links.resident_since"))
    _page(walker, "residence", **since, statement=statement(given))


def _about_work(walker: Walker, given: Given) -> None:
    _page(walker, "employment", is_employed="yes")
    for row, current in (("1", True), ("2", False)):
        names = ("title", "employer", "employer_address")
        data = {name: given(f"employment.{row}.{name}") for name in names}
        data |= _month("began", given(f"employment.{row}.began"))
        if current:
            data["is_current"] = "on"
        else:
            data |= _month("ended", given(f"employment.{row}.ended"))
        walker.send("defections:row_add", "jobs", data=data)
    walker.get("defections:form_jobs")
    walker.post("defections:form_jobs", more="no")
    _page(walker, "public-accounts", has_any="yes")
    for row in ("1", "2"):
        data = {name: given(f"public_accounts.{row}.{name}") for name in ("platform", "account")}
        walker.send("defections:row_add", "accounts", data=data)
    walker.get("defections:form_accounts")
    walker.post("defections:form_accounts", more="no")
