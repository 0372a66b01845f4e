"""Every address of the defections, asked for by everybody: who gets in is written down here, page by page.

A page that is not in the table fails; so does one that opens to somebody else. "In" is whoever is not sent to log
in, refused (403) or told that there is no such page (404): also who is told that it is not the moment (409).
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from assemblies.models import Assembly, Duty, Kind
from defections import applicant
from defections.desk import claims, queries
from defections.models import Application, EmailChange, Evidence, PostalLetter
from members.models import Person
from tests import factories
from tests.defections.cases import call_hustings, make_case
from tests.defections.making import make_application, make_release, make_volunteer

pytestmark = pytest.mark.django_db

# Who gets in, by page; "all" is everybody, also who is not logged in; nobody is in a list that they are not named in.
# own: the applicant of the application that is the page's, in the browser in which they entered; other: another
# applicant in theirs, who is shown a page only about their own. To nobody opens what is for forms on paper, for a
# code or a row that was not asked for, and for a letter that there is not: tests of their own open these.
DOORS = """
form_start: all
resume_ask: all
resume_code:
form_leave: all
task_list: own
draft_delete: own
form_society: own
form_evidence: own
evidence_file: own
evidence_remove: own
form_jobs: own
form_accounts: own
form_check: own
form_declare: own
form_sent: other
form_page: own
row_add: own
row_change:
row_remove:
applicant_detail: other own
form_again: other own
answers_detail: other own
desk_list: holder research
desk_case: holder research
desk_claim: holder research
desk_let_go: holder research
desk_step_back: holder research
desk_section: holder research
desk_correct: holder research
desk_correction_take_back: holder research
desk_arrival: holder research
desk_file_add: holder research
desk_file: holder research
desk_contacts: holder research
desk_queries: holder research
desk_query_take_back: holder research
desk_outcome: holder research
desk_copy: holder research
desk_copy_redact: holder research
desk_copy_put_back: holder research
desk_copy_renew: holder research
desk_copy_preview: holder research
desk_copy_prepare: holder research
desk_copy_take_back: holder research
desk_release: holder research
desk_send_back: holder research
query_answer: own
society_terms: secretary
routing_list: elsewhere general secretary
routing_hand_on: secretary
routing_support: general
routing_replace: general
form_print: all
release_logo: all
paper_list: general
paper_begin: general
paper_open:
paper_scans:
paper_scan:
paper_scan_remove:
paper_hand_over:
invitation_print:
postal_letter_print: general
postal_letter_cover: general
postal_letter_posted: general
postal_letter_answer: general
email_change_list: general
email_change_ask: general
email_change_call: holder research
email_change_stop: general holder research
email_change: other own
email_change_object: other own
data_for_applicant: holder research
data_copy: other own
data_erase: other own
hustings_detail: own
hustings_join: own
hustings_calendar_file: own
hustings_answer: own
bar_detail:
bar_answer:
application_withdraw: other own
letter_detail: secretary
applicant_bar: secretary
withdraw_for: general
"""
# What nobody keeps a copy of: all but what is the same for everybody.
SAME_FOR_ALL = {"form_start", "form_print", "release_logo"}


class Cast:
    """The people, two applications (`held`: in research; `case`: with an assembly) and a draft, and the files."""

    def __init__(self, assembly: Assembly, secretary: Person, member: Person, participant: Person) -> None:
        now = timezone.now()
        make_release(number=99, logo=b"\x89PNG")
        self.holder, self.second = make_volunteer(), make_volunteer()
        self.held = make_application(email="held@example.org", at=now - timedelta(days=2))
        claims.claim(self.held, by=self.holder, at=now)
        self.query = queries.ask(self.held, by=self.holder, at=now, question="Why?")
        self.case = make_case(assembly, at=now - timedelta(days=1), email="case@example.org")
        call_hustings(self.case, secretary, at=now, starts_at=now + timedelta(days=8))
        self.draft = make_application(email="draft@example.org", is_sent=False, at=now)
        self.file = _file(self.held)
        self.letter = PostalLetter.objects.create(
            application=self.held, kind="question", query=self.query, needed_at=now
        )
        general, elsewhere = (factories.make_member() for _ in range(2))
        factories.make_term(general, factories.make_assembly("The party", kind=Kind.PARTY))
        factories.make_term(elsewhere, factories.make_assembly("Elsewhere"))
        self.change = EmailChange(application=self.held, asked_at=now, asked_by=general)
        self.change.ends_at = now + timedelta(days=14)
        self.change.set_email("new@example.org")
        self.change.save()
        self.people: dict[str, Person | None] = {
            "anonymous": None,
            "outsider": factories.make_person(),
            "participant": participant,
            "member": member,
            "secretary": secretary,
            "elsewhere": elsewhere,
            "general": general,
            "root": factories.make_person(is_staff=True, is_superuser=True),
            "operations": make_volunteer(Duty.Name.OPERATIONS),
            "elections": make_volunteer(Duty.Name.ELECTIONS),
            "research": self.second,
            "holder": self.holder,
        }

    def browsers(self, page: str) -> Iterator[tuple[str, Client]]:
        """Everybody at a browser of their own; the applicant's is of the application that the page is about."""
        for who, person in self.people.items():
            client = Client(raise_request_exception=True)
            if person is not None:
                client.force_login(person)
            yield who, client
        own = self.application_of(page)
        yield "own", _at_form(own)
        yield "other", _at_form(next(one for one in (self.held, self.case, self.draft) if one != own))

    def application_of(self, page: str) -> Application:
        """The application that a page is asked for with: one for which it is the moment, where there is one."""
        if page.startswith("desk") or page in ("query_answer", "evidence_file"):
            return self.held
        if page.startswith(("form_", "row_", "task", "draft", "evidence_remove")):
            return self.draft
        return self.case

    def arguments(self, page: str, pattern: URLPattern) -> dict[str, Any]:
        """What fills in the address of a page."""
        known = {
            "application_id": self.application_of(page).pk,
            "file_id": self.file.pk,
            "evidence_id": self.file.pk,
            "query_id": self.query.pk,
            "invitation_id": self.case.invitations.get().pk,  # of somebody with an email address: not posted
            "letter_id": self.letter.pk,
            "change_id": self.change.pk,
            "section": "name",
            "key": "name",
            "step": "jobs",
            "name": "0" * 20,
            "reply": "accepted",
            "number": 99,
            "row": 1,
            "slug": self.case.decision.assembly.slug if self.case.decision else "",
        }
        return {name: known[name] for name in pattern.pattern.converters}


def _file(application: Application) -> Evidence:
    made = Evidence(
        application=application, proves="links", media_type="image/png", size=3, added_at=timezone.now()
    )
    made.name_sealed = application.seal("photo.png", f"defections.evidence:{made.pk}:name")
    made.content_sealed = application.seal("xyz", f"defections.evidence:{made.pk}:content")
    made.save()
    return made


def _at_form(application: Application) -> Client:
    client = Client()
    client.get(reverse("defections:form_start"))
    session = client.session
    session[applicant._KEY] = {"application": str(application.pk), "seen": timezone.now().timestamp()}
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    return client


def pages() -> Iterator[tuple[str, URLPattern]]:
    """The name and the pattern of every page of the app."""
    resolver = next(
        entry
        for entry in get_resolver().url_patterns
        if isinstance(entry, URLResolver) and entry.app_name == "defections"
    )
    yield from _within(resolver)


def _within(resolver: URLResolver) -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _within(entry)
        else:
            yield str(entry.name), entry


def asked(client: Client, url: str) -> Any:
    """The page as it is shown, or where it is only for sending what becomes of that; nothing of it stays."""
    with transaction.atomic():
        response = client.get(url)
        if response.status_code == 405:
            response = client.post(url, {"mark": "x"})
        transaction.set_rollback(True)
    assert response.status_code < 500, url
    return response


def is_in(response: Any) -> bool:
    """Whether somebody got past the door: shown the page, or told that it is not the moment, or it did something."""
    if response.request["REQUEST_METHOD"] == "GET":
        return response.status_code not in (302, 403, 404)
    return response.status_code not in (403, 404) and not response.get("Location", "").startswith(
        "/account/login/"
    )


def table() -> dict[str, set[str]]:
    """Who gets in, by page."""
    lines = (line.partition(":") for line in DOORS.strip().splitlines())
    return {page.strip(): set(who.split()) for page, _colon, who in lines}


@pytest.mark.policy("D14", "D16", "D17")
def test_each_page_opens_to_those_in_the_table_and_to_nobody_else(
    assembly: Assembly, secretary: Person, member: Person, participant: Person
) -> None:
    cast = Cast(assembly, secretary, member, participant)
    found: dict[str, set[str]] = {}
    cached = []
    for page, pattern in pages():
        url = reverse(f"defections:{page}", kwargs=cast.arguments(page, pattern))
        found[page] = set()
        for who, client in cast.browsers(page):
            response = asked(client, url)
            if is_in(response):
                found[page].add(who)
                if page not in SAME_FOR_ALL and "no-store" not in response.get("Cache-Control", ""):
                    cached.append((page, who))
    everybody = {*cast.people, "own", "other"}
    expected = {page: everybody if who == {"all"} else who for page, who in table().items()}
    assert found == expected
    assert cached == []


def test_no_address_has_room_for_anything_personal() -> None:
    free = {
        (page, name)
        for page, pattern in pages()
        for name, converter in pattern.pattern.converters.items()
        if type(converter).__name__ not in ("UUIDConverter", "IntConverter")
    }
    assert free == {
        ("form_page", "key"),  # which page of the form
        ("row_add", "step"),
        ("row_change", "step"),
        ("row_change", "name"),  # a keyed digest
        ("row_remove", "step"),
        ("row_remove", "name"),
        ("desk_section", "section"),  # which section of the form
        ("desk_correct", "step"),  # which page of the form
        ("desk_correction_take_back", "section"),
        ("hustings_answer", "reply"),  # which of three answers
        ("society_terms", "slug"),  # which assembly
    }
