"""What the policy says that the form bears, makes clear and asks: looked for on every page of it (D2 to D6, D13)."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assemblies.models import Assembly
from defections.form.flow import STEPS
from tests.defections.filling import enter, fill, words
from tests.defections.making import KERNEL, PASSAGES, PRINCIPLES, make_constituency, make_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def constituency(db: None) -> Assembly:
    return make_constituency()


@pytest.fixture
def applicant(client: Client, constituency: Assembly) -> Client:
    """Somebody who has filled in everything and not sent it."""
    make_release(party_name="The Amber Party", released_on=date(2026, 3, 9))
    enter(client)
    fill(client, constituency)
    return client


def passage(key: str) -> str:
    return " ".join(PASSAGES[key].split())  # type: ignore[index]


@pytest.mark.policy("D2")
def test_every_page_of_the_form_bears_the_partys_name_and_the_date_of_release(applicant: Client) -> None:
    names = ("form_start", "task_list", "form_check", "form_declare", "form_print")
    for address in [*(step.address for step in STEPS), *(reverse(f"defections:{name}") for name in names)]:
        response = applicant.get(address)
        assert response.status_code == 200, address
        assert "The Amber Party" in words(response), address
        assert "9 March 2026" in words(response), address


@pytest.mark.policy("D3", "D4")
def test_the_kernel_stands_whole_beside_its_own_agreement_and_the_notice(applicant: Client) -> None:
    page = plain(applicant.get(reverse("defections:form_page", args=["principles"])))
    for paragraph in (*KERNEL.split("\n\n"), *PRINCIPLES.split("\n")):
        assert " ".join(paragraph.split()) in page
    assert passage("principles") in page
    assert passage("reselection") in page


@pytest.mark.policy("D6")
@pytest.mark.parametrize("name", ["form_start", "form_declare", "form_print"])
def test_it_is_clear_before_anything_is_sent_who_reads_the_form(applicant: Client, name: str) -> None:
    assert passage("readers") in plain(applicant.get(reverse(f"defections:{name}")))


@pytest.mark.policy("D5", "D13")
@pytest.mark.parametrize(
    ("key", "keys"), [("consensus", ["consensus"]), ("private-accounts", ["privacy", "private_breach"])]
)
def test_each_promise_is_asked_for_in_the_words_of_the_release(
    applicant: Client, key: str, keys: list[str]
) -> None:
    page = plain(applicant.get(reverse("defections:form_page", args=[key])))
    assert all(passage(one) in page for one in keys)


@pytest.mark.policy("D4", "D5", "D13")
@pytest.mark.parametrize("key", ["principles", "consensus", "private-accounts"])
def test_no_promise_is_taken_for_given(client: Client, constituency: Assembly, key: str) -> None:
    make_release()
    enter(client)
    url = reverse("defections:form_page", args=[key])
    box = re.search(r"<input[^>]*name=\"agreed\"[^>]*>", client.get(url).content.decode())
    assert box
    assert "checked" not in box.group()
    assert client.post(url, {"exist": "no"}).status_code == 200


def plain(response: Any) -> str:
    """The text of a page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", words(response)).replace("&#x27;", "'").split())
