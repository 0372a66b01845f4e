"""Each page of the form: what it asks, what it takes, what it says to what it does not take (D1 to D13)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assemblies import loading
from assemblies.models import Assembly, Kind
from defections import intake, lines
from defections.catalogue import Level
from defections.form import flow
from defections.models import Application, FormRelease
from tests import factories
from tests.defections.filling import date, enter, given, month, page, words
from tests.defections.making import KERNEL, PASSAGES, PRINCIPLES, make_constituency, make_release, make_terms

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(db: None) -> FormRelease:
    return make_release()


@pytest.fixture
def application(client: Client, release: FormRelease) -> Application:
    return enter(client)


def refused(client: Client, address: str, fields: dict[str, Any]) -> str:
    """The page that answers to what is not taken."""
    response = client.post(address, fields)
    text = words(response)
    assert response.status_code == 200, response
    assert "<title>Error:" in text
    assert "There is a problem" in text
    return text


# --- Who ----------------------------------------------------------------------------------------------
@pytest.mark.policy("D7")
def test_the_name_and_the_legal_name_where_it_differs(client: Client, application: Application) -> None:
    text = refused(client, page("name"), {"given_name": "Rowan"})
    assert "Enter your family name" in text
    assert "Say whether your legal name is different" in text
    assert 'value="Rowan"' in text  # nothing typed is lost
    name = {"given_name": "Rowan", "family_name": "Ashdown", "legal_differs": "yes"}
    assert client.post(page("name"), name)["Location"] == page("legal-name")
    client.post(page("legal-name"), {"legal_given_name": "Rowena", "legal_family_name": "Pryce"})
    assert given(application, "name")["legal_given_name"] == "Rowena"
    client.post(page("name"), {**name, "legal_differs": "no"})
    assert given(application, "name")["legal_given_name"] == ""


@pytest.mark.policy("D8")
@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (("", "", ""), "Enter your date of birth"),
        (("27", "3", ""), "must include a year"),
        (("30", "2", "1977"), "must be a real date"),
        (("1", "1", "2999"), "must be in the past"),
        (("1", "1", "1800"), "Check the year"),
        (("1", "1", str(timezone.now().year - 17)), "You must be 18 or over"),
    ],
)
def test_a_date_of_birth_that_cannot_be(
    client: Client, application: Application, day: tuple[str, str, str], sentence: str
) -> None:
    assert sentence in refused(client, page("birth"), date("date_of_birth", *day))
    assert given(application, "birth") == {}


@pytest.mark.policy("D8")
def test_the_date_of_birth_is_asked_for_and_kept(client: Client, application: Application) -> None:
    assert "Date of birth" in words(client.get(page("birth")))
    client.post(page("birth"), date("date_of_birth", "27", "March", "1977"))
    assert given(application, "birth") == {"date_of_birth": "1977-03-27"}
    assert 'value="1977"' in words(client.get(page("birth")))


@pytest.mark.policy("D9")
@pytest.mark.parametrize("number", ["123", "not a number", "+44", "07700", "1" * 30])
def test_a_phone_number_that_cannot_be(client: Client, application: Application, number: str) -> None:
    assert "Enter a phone number, like" in refused(client, page("phones"), {"mobile_phone": number})


@pytest.mark.policy("D9")
@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("07700 900 456", "+447700900456"),
        ("(01225) 496-123", "+441225496123"),
        ("+44 (0)7700 900456", "+447700900456"),
        ("+353 1 234 5678", "+35312345678"),
        ("0044 7700 900456", "+447700900456"),
    ],
)
def test_a_phone_number_in_any_format(
    client: Client, application: Application, number: str, kept: str
) -> None:
    assert client.post(page("phones"), {"home_phone": number}).status_code == 302
    assert given(application, "phones")["home_phone"] == kept


@pytest.mark.policy("D9")
def test_one_phone_number_is_needed_and_both_are_asked_for(client: Client, application: Application) -> None:
    text = refused(client, page("phones"), {})
    assert "Enter at least one phone number" in text
    assert "Mobile phone" in text
    assert "Home phone" in text
    assert "at least one number, ideally both" in text


@pytest.mark.policy("D9")
@pytest.mark.parametrize("postcode", ["ba14qx", "BA1 4QX", " ba1-4qx. ", "Ba 14Qx"])
def test_an_address_with_a_postcode_however_it_is_typed(
    client: Client, application: Application, postcode: str
) -> None:
    address = {"line_1": "14 Larkspur Terrace", "town": "Bath", "postcode": postcode}
    assert client.post(page("address"), address).status_code == 302
    assert given(application, "address")["postcode"] == "BA1 4QX"


@pytest.mark.policy("D9")
def test_an_address_that_is_none(client: Client, application: Application) -> None:
    text = refused(client, page("address"), {"postcode": "12345"})
    assert "Enter the first line of your address" in text
    assert "Enter a full postcode" in text


@pytest.mark.policy("D9")
def test_an_address_abroad_has_lines_and_a_country(client: Client, application: Application) -> None:
    client.post(page("address"), {"line_1": "14 Larkspur Terrace", "town": "Bath", "postcode": "ba14qx"})
    abroad = client.post(
        page("address"), {"is_abroad": "on", "line_1": "14 Larkspur Terrace", "postcode": "x"}
    )
    assert abroad["Location"] == page("address-abroad")
    assert flow.progress(intake.answers(application))["address"] is flow.Progress.BEGUN
    text = refused(client, page("address-abroad"), {"country": "England"})
    assert "Enter your address" in text
    assert "take out the tick" in text
    there = {"postal_lines": "7 rue des Lilas\n35000 Rennes", "country": "France"}
    assert client.post(page("address-abroad"), there).status_code == 302
    kept = given(application, "address")
    assert lines.of_envelope(kept) == ["7 rue des Lilas", "35000 Rennes", "France"]
    assert "Larkspur" not in str(kept)
    check = words(client.get(reverse("defections:form_check")))
    assert "35000 Rennes" in check
    assert "Postcode" not in check
    back = client.post(page("address"), {"line_1": "1 A St", "town": "Bath", "postcode": "ba14qx"})
    assert back["Location"] != page("address-abroad")
    assert lines.of_envelope(given(application, "address")) == ["1 A St", "Bath", "BA1 4QX"]


# --- The office ---------------------------------------------------------------------------------------
@pytest.mark.policy("D1")
def test_an_office_at_any_level_from_parish_to_parliament(client: Client, application: Application) -> None:
    text = words(client.get(page("office")))
    for where in (
        "Parish",
        "District",
        "County council",
        "London Assembly",
        "Senedd",
        "Scottish Parliament",
        "Northern Ireland Assembly",
        "House of Commons",
        "House of Lords",
    ):
        assert where in text
    for level in Level:
        assert str(level.label) in text
        assert client.post(page("office"), {"level": level})["Location"] == page("office-details")
    assert "Choose the level" in refused(client, page("office"), {"level": "galaxy"})
    details = {"body": "Weston Parish Council", "area": "Weston", "elected_as": "independent"}
    assert "Enter when you took office" in refused(client, page("office-details"), details)
    future = {**details, **month("held_since", 1, timezone.now().year + 1)}
    assert "a month that has begun" in refused(client, page("office-details"), future)
    client.post(page("office-details"), {**details, **month("held_since", "may", "2019")})
    assert given(application, "office") == {"level": "lords", **details, "held_since": "2019-05"}


@pytest.mark.policy("D1")
def test_from_another_party_or_as_an_independent(client: Client, application: Application) -> None:
    assert client.post(page("party"), {"is_independent": "no"})["Location"] == page("party-name")
    client.post(page("party-name"), {"party": "Liberal Democrats"})
    assert given(application, "party") == {"is_independent": False, "party": "Liberal Democrats"}
    client.post(page("party"), {"is_independent": "yes"})
    assert given(application, "party") == {"is_independent": True, "party": ""}


# --- The society --------------------------------------------------------------------------------------
def test_the_society_is_found_among_all_constituencies_with_a_slip_of_the_keyboard(
    client: Client, application: Application
) -> None:
    loading.load(loading.read(loading.OWN_FILE), at=factories.LONG_AGO)
    assert Assembly.objects.filter(kind=Kind.CONSTITUENCY).count() == 650
    society = reverse("defections:form_society")
    for typed in ("ynys mon", "Ynys Môn", "YNYS"):
        found = client.post(society, {"find": "1", "q": typed}, follow=True)
        assert "Ynys Môn" in words(found).split("Or choose from the list")[0]
    slip = client.post(society, {"find": "1", "q": "Islngton Nrth"}, follow=True)
    assert "Did you mean one of these?" in words(slip)
    chosen = Assembly.objects.get(kind=Kind.CONSTITUENCY, place="Islington North")
    assert str(chosen.pk) in words(slip).split("Or choose from the list")[0]
    assert client.post(society, {"constituency": chosen.pk}).status_code == 302
    assert given(application, "society") == {"constituency": str(chosen.pk)}


def test_what_is_searched_for_does_not_stand_in_the_address(client: Client, application: Application) -> None:
    bath = make_constituency()
    address = client.post(reverse("defections:form_society"), {"find": "1", "q": "bath"})["Location"]
    assert "bath" not in address.casefold()
    assert str(bath.pk) in words(client.get(address))
    for broken in ("?found=AAAA", "?found=%%%", "?found=" + "A" * 80):
        assert client.get(reverse("defections:form_society") + broken).status_code == 200


def test_a_constituency_that_there_is_not_is_refused(client: Client, application: Application) -> None:
    region = factories.make_assembly(kind=Kind.REGION)
    closed = make_constituency("Old Sarum", closed_at=timezone.now())
    society = reverse("defections:form_society")
    for wrong in (str(region.pk), str(closed.pk), "bath", "00000000-0000-4000-8000-000000000000"):
        assert "There is no such constituency" in refused(client, society, {"constituency": wrong})
    assert "Choose a constituency" in refused(client, society, {})
    nothing = client.post(society, {"find": "1", "q": "zzzzzz"}, follow=True)
    assert "Nothing matches" in words(nothing)


# --- Links --------------------------------------------------------------------------------------------
@pytest.mark.policy("D11")
def test_links_or_residence_against_what_that_society_asks(client: Client, application: Application) -> None:
    region = factories.make_assembly("Western Regional Society", kind=Kind.REGION)
    bath = make_constituency(within=region)
    assert client.get(page("links"))["Location"] == reverse("defections:form_society")
    client.post(reverse("defections:form_society"), {"constituency": bath.pk})
    assert "has set no rule of its own" in words(client.get(page("links")))
    make_terms(region, links="Work in the region.", residence_months=24)
    assert "Western Regional Society" in words(client.get(page("links")))
    make_terms(bath, links="Five years of volunteering.", residence_months=12)
    text = words(client.get(page("links")))
    assert "What Bath Constituency Society asks for" in text
    assert "at least 12 months" in text
    assert "Five years of volunteering." in text
    assert client.post(page("links"), {"basis": "residence"})["Location"] == page("residence")
    now = timezone.now()
    recent = {"statement": "On the register.", **month("resident_since", now.month, now.year)}
    assert "asks for 12 months of residence" in refused(client, page("residence"), recent)
    long = {"statement": "On the register.", **month("resident_since", 9, 2010)}
    assert client.post(page("residence"), long)["Location"] == reverse("defections:form_evidence")
    client.post(page("links"), {"basis": "links"})
    told = client.post(page("local-links"), {"statement": "I run the library."})
    assert told["Location"] == reverse("defections:form_evidence")
    kept = {"basis": "links", "statement": "I run the library.", "resident_since": ""}
    assert given(application, "links") == kept


@pytest.mark.policy("D11")
def test_another_society_asks_for_the_links_anew_and_loses_no_word(
    client: Client, application: Application
) -> None:
    bath, york = make_constituency(), make_constituency("York")
    client.post(reverse("defections:form_society"), {"constituency": bath.pk})
    client.post(page("links"), {"basis": "links"})
    client.post(page("local-links"), {"statement": "I run the library."})
    assert "links" not in [lack.section for lack in intake.issues_before_sending(application)]
    client.post(reverse("defections:form_society"), {"constituency": york.pk})
    assert "links" in [lack.section for lack in intake.issues_before_sending(application)]
    assert "I run the library." in words(client.get(page("local-links")))


# --- Jobs and accounts --------------------------------------------------------------------------------
JOB = {"title": "Librarian", "employer": "Fernleigh College"}
JOBS = "defections:form_jobs"


@pytest.mark.policy("D10")
def test_the_present_job_and_the_history(client: Client, application: Application) -> None:
    assert client.post(page("employment"), {"is_employed": "yes"})["Location"] == reverse(JOBS)
    assert "Add the job that you have now" in refused(client, reverse(JOBS), {"more": "no"})
    add = reverse("defections:row_add", args=["jobs"])
    assert client.post(reverse(JOBS), {"more": "yes"})["Location"] == add
    client.post(add, {**JOB, "is_current": "on", **month("began", 1, 2015)})
    before = {
        "title": "Bookseller",
        "employer": "Pages",
        **month("began", 6, 2004),
        **month("ended", 12, 2014),
    }
    client.post(add, before)
    text = words(client.get(reverse(JOBS)))
    assert text.index("Librarian, Fernleigh College") < text.index("Bookseller, Pages")
    assert "June 2004 to December 2014" in text
    client.post(reverse(JOBS), {"more": "no"})
    kept = given(application, "employment")
    assert kept["is_complete"] is True
    assert [row["title"] for row in kept["rows"]] == ["Librarian", "Bookseller"]
    assert kept["rows"][1]["ended"] == "2014-12"


@pytest.mark.policy("D10")
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (JOB, "Enter when it began"),
        ({**JOB, **month("began", 1, 2015)}, "Enter when it ended, or tick"),
        ({**JOB, **month("began", 1, 2015), **month("ended", 1, 2014)}, "must not come before the beginning"),
        ({**JOB, **month("began", 1, 2015), **month("ended", 1, 2999)}, "a month that has begun"),
        (
            {**JOB, "is_current": "on", **month("began", 1, 2015), **month("ended", 1, 2016)},
            "Leave the end empty",
        ),
        ({**month("began", 1, 2015), "is_current": "on"}, "Enter what the job is or was"),
    ],
)
def test_a_job_that_cannot_be(
    client: Client, application: Application, fields: dict[str, Any], sentence: str
) -> None:
    assert sentence in refused(client, reverse("defections:row_add", args=["jobs"]), fields)
    assert given(application, "employment") == {}


def rows_on(client: Client, name: str) -> list[str]:
    """The addresses at which the rows of a list are changed."""
    text = client.get(reverse(f"defections:form_{name}")).content.decode()
    return [part.split('"')[0] for part in text.split('href="') if f"/form/{name}/" in part.split('"')[0]][
        ::2
    ]


@pytest.mark.policy("D12")
def test_public_accounts_are_added_changed_and_taken_out(client: Client, application: Application) -> None:
    accounts, add = reverse("defections:form_accounts"), reverse("defections:row_add", args=["accounts"])
    assert client.post(page("public-accounts"), {"has_any": "yes"})["Location"] == accounts
    assert "Add at least one account" in refused(client, accounts, {"more": "no"})
    assert "Enter the name of the account" in refused(client, add, {"platform": "Mastodon"})
    for name in ("@rowan", "@ashdown"):
        client.post(add, {"platform": "Mastodon", "account": name})
        client.post(add, {"platform": "Mastodon", "account": name})  # the button pressed twice
    first, second = rows_on(client, "accounts")
    client.post(first, {"platform": "Bluesky", "account": "@rowan"})
    assert "Take this account out?" in words(client.get(second + "remove/"))
    client.post(second + "remove/")
    assert given(application, "public_accounts")["rows"] == [{"platform": "Bluesky", "account": "@rowan"}]
    client.post(page("public-accounts"), {"has_any": "no"})
    assert given(application, "public_accounts") == {"has_any": False, "rows": []}


def test_a_row_that_was_changed_in_another_window_is_not_mistaken_for_its_neighbour(
    client: Client, application: Application
) -> None:
    for name in ("@rowan", "@ashdown"):
        client.post(
            reverse("defections:row_add", args=["accounts"]), {"platform": "Mastodon", "account": name}
        )
    first, _second = rows_on(client, "accounts")
    client.post(first + "remove/")
    for address in (first, first + "remove/"):
        answer = client.post(address, {"platform": "Bluesky", "account": "@other"}, follow=True)
        assert "changed or taken out in another window" in words(answer)
    assert [row["account"] for row in given(application, "public_accounts")["rows"]] == ["@ashdown"]


def test_no_more_rows_than_the_form_can_hold(client: Client, application: Application) -> None:
    rows = [{"platform": "Mastodon", "account": f"@{n}"} for n in range(intake.MOST_ROWS)]
    now = timezone.now()
    intake.save_section(application, "public_accounts", {"has_any": True, "rows": rows}, at=now)
    text = refused(
        client, reverse("defections:row_add", args=["accounts"]), {"platform": "Mastodon", "account": "@x"}
    )
    assert "more than the form can hold" in text


# --- Promises -----------------------------------------------------------------------------------------
@pytest.mark.policy("D13")
def test_private_accounts_and_the_promise_with_its_notice(client: Client, application: Application) -> None:
    text = words(client.get(page("private-accounts")))
    assert PASSAGES["private_breach"] in text
    assert PASSAGES["privacy"] in text
    assert "checked" not in text.split("<form method")[1]  # nothing is chosen beforehand
    text = refused(client, page("private-accounts"), {"exist": "yes"})
    assert "Tick the box to promise" in text
    assert "Say whether you have private accounts" in refused(
        client, page("private-accounts"), {"agreed": "on"}
    )
    assert given(application, "private_accounts") == {}
    client.post(page("private-accounts"), {"exist": "no", "agreed": "on"})
    kept = given(application, "private_accounts")
    assert kept["exist"] is False
    client.post(page("private-accounts"), {"exist": "yes", "agreed": "on"})
    again = given(application, "private_accounts")
    assert again == {"exist": True, "promised_at": kept["promised_at"]}


@pytest.mark.policy("D3", "D4")
def test_the_kernel_in_full_and_the_four_principles_with_their_notice(
    client: Client, application: Application
) -> None:
    text = words(client.get(page("principles")))
    for sentence in (*KERNEL.split("\n\n"), *PRINCIPLES.splitlines()):
        assert sentence in text
    assert PASSAGES["reselection"] in text
    assert PASSAGES["principles"] in text
    assert "Tick the box to agree" in refused(client, page("principles"), {})
    assert client.post(page("principles"), {"agreed": "on"}).status_code == 302
    assert given(application, "principles")["agreed_at"]
    assert given(application, "consensus") == {}


@pytest.mark.policy("D5")
def test_party_consensus_is_agreed_to_by_itself(client: Client, application: Application) -> None:
    text = words(client.get(page("consensus")))
    assert PASSAGES["consensus"] in text
    assert PASSAGES["principles"] not in text
    refused(client, page("consensus"), {})
    client.post(page("consensus"), {"agreed": "on"})
    assert given(application, "consensus")["agreed_at"]


def test_the_wording_of_a_demonstration_says_on_every_page_that_it_is_a_sample(client: Client) -> None:
    make_release(is_demonstration=True)
    enter(client)
    for address in (page("name"), page("principles"), reverse("defections:form_jobs"), "/applications/"):
        assert "the wording of the Kernel, the notices and the pledges is a sample" in words(
            client.get(address)
        )


def test_a_page_that_there_is_not(client: Client, application: Application) -> None:
    assert client.get(page("hobbies")).status_code == 404
    assert client.get(reverse("defections:row_add", args=["hobbies"])).status_code == 404
