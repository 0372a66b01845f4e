"""What nobody means well by, or means well in an unusual way: each gets a page, and what is right is kept."""

import pytest
from django.test import Client

from defections import intake, sanitising
from defections.models import Application, FormRelease
from tests.defections.filling import enter, given, page, words
from tests.defections.making import make_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(db: None) -> FormRelease:
    return make_release()


@pytest.fixture
def application(client: Client, release: FormRelease) -> Application:
    return enter(client)


NASTY = [
    "a\x00b",
    "\u202egnp.exe",
    "<script>alert(1)</script>",
    "{{ 7|add:7 }}{% load x %}",
    "Bcc: x@example.org\r\nSubject: y",
    "x" * 60_000,  # of each of the fields of a page, and no more than a request may bring
    "\ufffe\uffff",
    "+",
    "+44",
    "+999999999999999999",
    "٠١٢٣٤٥٦٧٨٩",
    "9" * 4000,
    "-1",
    "1e9",
]
PAGES = ["name", "legal-name", "birth", "phones", "address", "address-abroad", "office", "party", "links"]


@pytest.mark.parametrize("text", NASTY)
def test_no_page_breaks_on_what_is_typed(client: Client, application: Application, text: str) -> None:
    client.raise_request_exception = True
    for key in PAGES:
        shown = client.get(page(key))
        if shown.status_code == 302:
            continue
        fields = dict.fromkeys(shown.context["form"].fields, text) | {
            f"{name}_{part}": text for name in shown.context["form"].fields for part in range(3)
        }
        assert client.post(page(key), fields).status_code in (200, 302), key


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "raw_unicode_escape", "utf-16"])
def test_no_charset_smuggles_in_half_a_character(
    client: Client, application: Application, charset: str
) -> None:
    body = (
        "\r\n".join(
            line
            for name, value in (("given_name", "\\ud800+2AA-"), ("family_name", "x"), ("legal_differs", "no"))
            for line in ("--b", f'Content-Disposition: form-data; name="{name}"', "", value)
        )
        + "\r\n--b--\r\n"
    )
    response = client.post(
        page("name"), body.encode(), content_type=f"multipart/form-data; boundary=b; charset={charset}"
    )
    assert response.status_code in (200, 302, 400)


@pytest.mark.policy("D7")
def test_somebody_with_one_name_can_apply(client: Client, application: Application) -> None:
    client.post(page("name"), {"given_name": "Sukarno", "family_name": "", "legal_differs": "yes"})
    assert given(application, "name") == {}  # an empty box may be an oversight
    one = {"given_name": "Sukarno", "family_name": "", "has_one_name": "on", "legal_differs": "yes"}
    assert client.post(page("name"), one)["Location"] == page("legal-name")
    text = words(client.post(page("name"), {**one, "family_name": "Putra"}))
    assert "take out the tick" in text
    client.post(page("legal-name"), {"legal_given_name": "Kusno", "has_one_name": "on"})
    name = {"given_name": "Sukarno", "family_name": "", "legal_differs": True}
    assert given(application, "name") == {**name, "legal_given_name": "Kusno", "legal_family_name": ""}
    assert client.get(page("name")).context["form"]["has_one_name"].value() is True
    assert not [lack for lack in intake.issues_before_sending(application) if lack.section == "name"]


@pytest.mark.policy("D9")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("01225 496123 ext 5", "+441225496123;ext=5"),
        ("+1 202 555 0123", "+12025550123"),
        ("0044 7700 900456", "+447700900456"),
    ],
)
def test_numbers_as_people_write_them(
    client: Client, application: Application, typed: str, kept: str
) -> None:
    client.post(page("phones"), {"home_phone": typed, "mobile_phone": ""})
    assert given(application, "phones")["home_phone"] == kept
    shown = client.get(page("phones")).context["form"]["home_phone"].value()
    assert client.post(page("phones"), {"home_phone": shown}).status_code == 302  # as it is shown it is taken
    assert given(application, "phones")["home_phone"] == kept


def test_ones_own_number_is_found_in_a_text_whatever_its_extension() -> None:
    private = sanitising.private_values({"phones": {"home_phone": "+441225496123;ext=5"}}, "")
    assert private.phones == ("+441225496123",)


@pytest.mark.parametrize(
    "code", ["GIR 0AA", "BF1 3AA", "JE2 3AB", "IM1 1AA", "GY1 1WR", "SW1A 1AA", "BFPO 57"]
)
def test_postcodes_of_every_kind(client: Client, application: Application, code: str) -> None:
    client.post(page("address"), {"line_1": "1 A St", "town": "B", "postcode": code})
    assert given(application, "address")["postcode"] == code
