"""Somebody at the form: a browser without scripts that has come in by a code, and what they type."""

from typing import Any

from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from assemblies.models import Assembly
from defections import intake
from defections.models import Application
from tests.defections.making import mails_to


def enter(client: Client, address: str = "rowan@example.org") -> Application:
    """Comes in by a code: to the form of this address, which is begun where there is none."""
    cache.clear()
    client.post(reverse("defections:resume_ask"), {"email": address})
    text = mails_to(address)[0].text
    code = next(line.strip() for line in text.splitlines() if line.startswith("    "))
    assert client.post(reverse("defections:resume_code"), {"code": code}).status_code == 302
    return Application.objects.get(pk=client.session["defections_applicant"]["application"])


def page(key: str) -> str:
    """The address of a page of the form."""
    return reverse("defections:form_page", args=[key])


def words(response: Any) -> str:
    """The text of an answer, with even spaces."""
    return " ".join(response.content.decode().split())


def given(application: Application, section: str) -> dict[str, Any]:
    """What stands in a section."""
    return intake.section_of(application, section)


def typed(constituency: Assembly) -> list[tuple[str, dict[str, Any]]]:
    """Each page of the form with what somebody types there, in order."""
    return [
        (page("name"), {"given_name": "Rowan", "family_name": "Ashdown", "legal_differs": "yes"}),
        (page("legal-name"), {"legal_given_name": "Rowena", "legal_family_name": "Pryce"}),
        (page("birth"), date("date_of_birth", 27, 3, 1977)),
        (page("phones"), {"home_phone": "(01225) 496 123", "mobile_phone": "07700 900456"}),
        (page("address"), {"line_1": "14 Larkspur Terrace", "town": "Bath", "postcode": "ba14qx"}),
        (page("office"), {"level": "parish"}),
        (
            page("office-details"),
            {
                "body": "Weston Parish Council",
                "area": "Weston",
                "elected_as": "independent",
                **month("held_since", 5, 2019),
            },
        ),
        (page("party"), {"is_independent": "no"}),
        (page("party-name"), {"party": "Liberal Democrats"}),
        (reverse("defections:form_society"), {"constituency": str(constituency.pk)}),
        (page("links"), {"basis": "links"}),
        (page("local-links"), {"statement": "I run the library of Weston."}),
        (page("employment"), {"is_employed": "yes"}),
        (
            reverse("defections:row_add", args=["jobs"]),
            {"title": "Librarian", "employer": "Fernleigh", "is_current": "on", **month("began", 1, 2015)},
        ),
        (reverse("defections:form_jobs"), {"more": "no"}),
        (page("public-accounts"), {"has_any": "yes"}),
        (reverse("defections:row_add", args=["accounts"]), {"platform": "Mastodon", "account": "@rowan"}),
        (reverse("defections:form_accounts"), {"more": "no"}),
        (page("private-accounts"), {"exist": "yes", "agreed": "on"}),
        (page("principles"), {"agreed": "on"}),
        (page("consensus"), {"agreed": "on"}),
    ]


def fill(client: Client, constituency: Assembly) -> None:
    """Types the whole form, page by page."""
    for address, fields in typed(constituency):
        response = client.post(address, fields)
        assert response.status_code == 302, (address, words(response))


def date(name: str, day: Any, month_: Any, year: Any) -> dict[str, Any]:
    """Three boxes."""
    return {f"{name}_day": day, f"{name}_month": month_, f"{name}_year": year}


def month(name: str, month_: Any, year: Any) -> dict[str, Any]:
    """Two boxes."""
    return {f"{name}_month": month_, f"{name}_year": year}
