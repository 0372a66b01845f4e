"""The applicant's part of the story: the form from the first page to the last, through the pages."""

from typing import Any

from assemblies.models import Assembly
from tests.defections.canary import files
from tests.defections.canary.markers import value
from tests.defections.canary.walking import Walker

STREET = "12 Station Road"  # in the statement, and no secret: the research keeps it


def statement() -> str:
    """Free text that gives away nearly everything that was asked for in confidence."""
    return (
        f"{value('links.statement')}. Call me on 07700 900417 or write to {value('email')}; I live at "
        f"{value('address.line_1')}, {value('address.postcode')}, and was born on 29 November 1951. My papers say "
        f"{value('name.legal_given_name')} {value('name.legal_family_name')}. "
        f"After {value('typed passage')} I left. We meet in {STREET}."
    )


def fill_in(walker: Walker, constituency: Assembly) -> None:
    """Fills in every page of the form in a browser that has entered it, with mistakes on the way."""
    _about_the_person(walker)
    _about_the_office(walker, constituency)
    _about_the_links(walker)
    _about_work(walker)
    _page(walker, "private-accounts", exist="yes", agreed="on")
    _page(walker, "principles", agreed="on")
    _page(walker, "consensus", agreed="on")


def send(walker: Walker) -> None:
    """Looks over what was given, declares and sends."""
    shown = walker.get("defections:form_check").content.decode()
    assert value("name.legal_family_name") in shown
    walker.get("defections:form_declare")
    walker.post("defections:form_declare", agreed="on")
    walker.get("defections:form_sent")
    walker.get("defections:answers_detail")


def _page(walker: Walker, key: str, *, status: int = 302, **data: Any) -> Any:
    walker.get("defections:form_page", key)
    return walker.send("defections:form_page", key, data=data, status=status)


def _about_the_person(walker: Walker) -> None:
    names = {name: value(f"name.{name}") for name in ("given_name", "family_name")}
    _page(walker, "name", **names, legal_differs="yes")
    legal = {name: value(f"name.{name}") for name in ("legal_given_name", "legal_family_name")}
    _page(walker, "legal-name", **legal)
    born = {"date_of_birth_day": "29", "date_of_birth_month": "11", "date_of_birth_year": "1951"}
    _page(walker, "birth", **{**born, "date_of_birth_year": "51"}, status=200)
    _page(walker, "birth", **born)
    again = _page(walker, "phones", mobile_phone=value("mistyped phone"), status=200)
    assert value("mistyped phone") in again.content.decode()
    _page(walker, "phones", mobile_phone="07700 900417", home_phone="01225 496173")
    parts = ("line_1", "line_2", "town", "county", "postcode")
    _page(walker, "address", **{name: value(f"address.{name}") for name in parts})


def _about_the_office(walker: Walker, constituency: Assembly) -> None:
    _page(walker, "office", level="unitary")
    texts = {name: value(f"office.{name}") for name in ("body", "area", "elected_as")}
    _page(walker, "office-details", **texts, held_since_month="8", held_since_year="1987")
    _page(walker, "party", is_independent="no")
    _page(walker, "party-name", party=value("party.party"))
    found = walker.post("defections:form_society", find="1", q=value("search"))
    assert value("search") in walker.get(found["Location"]).content.decode()
    walker.post("defections:form_society", constituency=str(constituency.pk))


def _about_the_links(walker: Walker) -> None:
    _page(walker, "links", basis="residence")
    since = {"resident_since_month": "3", "resident_since_year": "1992"}
    _page(walker, "residence", **since, statement=statement())
    walker.post("defections:form_evidence", add="1", file=files.refused(), status=200)
    for file in (files.jpeg(), files.png(), files.pdf()):
        walker.post("defections:form_evidence", add="1", file=file)
    walker.get("defections:form_evidence")
    walker.post("defections:form_evidence")


def _about_work(walker: Walker) -> None:
    _page(walker, "employment", is_employed="yes")
    for row, current in (("1", True), ("2", False)):
        names = ("title", "employer", "employer_address")
        data = {name: value(f"employment.{row}.{name}") for name in names}
        year, month = value(f"employment.{row}.began").split("-")
        data |= {"began_month": month, "began_year": year}
        if current:
            data["is_current"] = "on"
        else:
            year, month = value(f"employment.{row}.ended").split("-")
            data |= {"ended_month": month, "ended_year": year}
        walker.send("defections:row_add", "jobs", data=data)
    walker.get("defections:form_jobs")
    walker.post("defections:form_jobs", more="no")
    _page(walker, "public-accounts", has_any="yes")
    for row in ("1", "2"):
        data = {name: value(f"public_accounts.{row}.{name}") for name in ("platform", "account")}
        walker.send("defections:row_add", "accounts", data=data)
    walker.get("defections:form_accounts")
    walker.post("defections:form_accounts", more="no")
