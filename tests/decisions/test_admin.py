"""Decisions in Django admin: who sees what, every step with its refusal, and that nothing is typed over or deleted."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assemblies.models import Assembly, Duty, Kind, Office
from decisions import calls, matter, talk, work
from decisions.models import Bar, Comment, Decision, Gathering, Question, Race, Referral, Report, Task
from ledger.models import Event
from members.models import Person
from tests.decisions.climbing import agreed, called, deliberating, fallen, met, voted
from tests.factories import (
    LONG_AGO,
    make_assembly,
    make_decision,
    make_duty,
    make_member,
    make_participation,
    make_person,
    make_term,
)

pytestmark = pytest.mark.django_db
TABLES = ("decision", "comment", "gathering", "question", "task")


def browser_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(row: object, rest: str = "change/") -> str:
    return f"/admin/decisions/{row._meta.model_name}/{row.pk}/{rest}"


def step(client: Client, row: object, verb: str, **data: object) -> tuple[int, str]:
    """The answer to a step that was sent: its status and its text."""
    answer = client.post(address(row, f"move/{verb}/"), data)
    return answer.status_code, answer.content.decode() if answer.status_code != 302 else ""


@pytest.fixture
def deputy(assembly: Assembly) -> Person:
    """Deputy of the same assembly."""
    person = make_member("Dora Deputy")
    make_participation(person, assembly)
    make_term(person, assembly, role="deputy")
    return person


@pytest.fixture
def other_secretary(db: None) -> Person:
    """Secretary of another assembly."""
    person = make_member("Otto Other")
    elsewhere = make_assembly("Foreign Society")
    make_participation(person, elsewhere)
    make_term(person, elsewhere)
    return person


@pytest.fixture
def general(db: None) -> Person:
    """The general secretary: the party's own."""
    person = make_member("Gina General")
    make_term(person, make_assembly("The Party", kind=Kind.PARTY))
    return person


@pytest.fixture
def root(db: None) -> Person:
    """Site staff with every permission."""
    return make_person("Rudi Root", is_staff=True, is_superuser=True)


def defection(assembly: Assembly, by: Person) -> Decision:
    """A matter about a person."""
    decision = make_decision(assembly, by, title="Pat Defector", text="Said in confidence.")
    Decision.objects.filter(pk=decision.pk).update(kind=Decision.Kind.DEFECTION)
    return Decision.objects.get(pk=decision.pk)


# --- Who sees what -----------------------------------------------------------------------------------
def test_a_stranger_has_no_business_there(member: Person) -> None:
    for table in TABLES:
        answer = browser_of(member).get(f"/admin/decisions/{table}/")
        assert answer.status_code == 302
        assert "/admin/login/" in answer["Location"]


def test_each_secretary_sees_their_own_and_nothing_else(
    assembly: Assembly, secretary: Person, deputy: Person, other_secretary: Person, member: Person
) -> None:
    decision, moot = met(assembly, secretary)
    comment = talk.say(decision, by=member, at=timezone.now(), text="What about plums?")
    for person, found in ((secretary, True), (deputy, True), (other_secretary, False)):
        client = browser_of(person)
        for row, told in ((decision, decision.title), (comment, "What about plums?"), (moot, str(moot.pk))):
            table = row._meta.model_name
            assert (told in client.get(f"/admin/decisions/{table}/").content.decode()) is found, table
            assert (client.get(address(row)).status_code == 200) is found, table
            status = client.get(address(row, "move/withdraw/")).status_code
            assert status == 404 or found, table


@pytest.mark.policy("P9")
def test_the_general_secretary_stands_in_where_there_is_no_secretary_and_only_there(
    assembly: Assembly, secretary: Person, general: Person, member: Person
) -> None:
    led = make_decision(assembly, secretary, title="A led matter")
    orphan_assembly = make_assembly("Without One")
    make_participation(member, orphan_assembly)
    orphan = make_decision(orphan_assembly, member, title="An orphaned matter")
    client = browser_of(general)
    page = client.get("/admin/decisions/decision/").content.decode()
    assert "An orphaned matter" in page
    assert "A led matter" not in page
    assert step(client, led, "withdraw", reason="Mine.")[0] == 404
    option = orphan.options.get(name="Apples")
    assert step(client, orphan, "call", option=option.position)[0] == 302
    assert orphan.calls.get().called_by == general


def test_site_staff_see_every_public_matter_and_move_none(
    assembly: Assembly, secretary: Person, root: Person
) -> None:
    decision = make_decision(assembly, secretary)
    client = browser_of(root)
    page = client.get(address(decision)).content.decode()
    assert decision.title in page
    assert "/move/" not in page
    for verb, data in (("call", {"option": "1"}), ("withdraw", {"reason": "No."}), ("edit", {"title": "X"})):
        status, text = step(client, decision, verb, **data)
        assert status == 403, verb
        assert "Only" in text
    decision.refresh_from_db()
    assert decision.withdrawn_at is None
    assert not decision.calls.exists()


def test_staff_without_permission_see_nothing() -> None:
    client = browser_of(make_person(is_staff=True))
    for table in TABLES:
        assert client.get(f"/admin/decisions/{table}/").status_code == 403


@pytest.mark.policy("D26")
def test_what_is_said_on_a_defection_is_for_members_of_the_deciding_assembly_alone(
    assembly: Assembly, secretary: Person, other_secretary: Person, general: Person, root: Person
) -> None:
    decision = defection(assembly, secretary)
    comment = talk.say(decision, by=secretary, at=timezone.now(), text="Heard in confidence.")
    lodger = make_person("Lodger, no member")  # serves there, takes part, is no member of the party
    make_participation(lodger, assembly)
    make_term(lodger, assembly, role="deputy")
    for person, may in (
        (secretary, True),
        (other_secretary, False),
        (general, False),
        (root, False),
        (lodger, False),
    ):
        client = browser_of(person)
        for row in (decision, comment):
            assert (client.get(address(row)).status_code == 200) is may, (person, row)
            page = client.get(f"/admin/decisions/{row._meta.model_name}/").content.decode()
            assert ("Pat Defector" in page) is may, (person, row)
        found = client.get("/admin/decisions/comment/?q=confidence").content.decode()
        assert ("Heard in confidence" in found) is False or may
        assert step(client, decision, "withdraw", reason="x" if not may else "")[0] == (200 if may else 404)


def test_the_set_of_readable_matters_and_the_answer_for_one_agree(
    assembly: Assembly, secretary: Person, participant: Person, outsider: Person, other_secretary: Person
) -> None:
    rows = [make_decision(assembly, secretary), defection(assembly, secretary)]
    rows[1].together_with.add(other_secretary.terms.get().office.assembly)
    now = timezone.now()
    lapsed = make_member("Lena Lapsed")
    make_participation(lapsed, assembly)
    lapsed.memberships.update(lapses_at=now)
    for person in (secretary, participant, outsider, other_secretary, lapsed):
        for at in (now, now - timedelta(microseconds=1), LONG_AGO - timedelta(days=1)):
            readable = set(Decision.objects.readable_by(person, at))
            assert readable == {row for row in rows if matter.may_read(row, person, at)}, (person, at)


# --- The ladder, by buttons --------------------------------------------------------------------------
@pytest.mark.policy("A8", "P9")
def test_a_secretary_takes_a_matter_up_the_ladder_by_buttons(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    client = browser_of(secretary)
    decision = make_decision(assembly, member)
    assert step(client, decision, "edit", title="Which tree?", text="One row.")[0] == 302
    assert step(client, decision, "option", name="Plums", statement="")[0] == 302
    page = client.get(address(decision)).content.decode()
    assert "Which tree?" in page
    assert "Plums" in page
    assert step(client, decision, "call", option="1")[0] == 302
    call = calls_of(decision)
    calls.take_position(call, member, "object", reason="Too dry.", at=timezone.now())
    page = client.get(address(decision)).content.decode()
    assert "1 objects" in page
    assert "&lt;time" not in page
    assert "Too dry." in page
    position = call.positions.get()
    assert step(client, decision, "answer", objection=position.pk, text="We water them.")[0] == 302
    assert "We water them." in client.get(address(decision)).content.decode()
    verbs = set(Event.objects.about(decision).filter(by=secretary.pk).values_list("verb", flat=True))
    assert verbs >= {
        "decision.edited",
        "decision.option_added",
        "decision.called",
        "decision.objection_answered",
    }


def calls_of(decision: Decision) -> object:
    return decision.calls.get()


def test_a_gathering_is_called_on_a_fallen_matter_and_deliberated_on_once_it_was_held(
    assembly: Assembly, secretary: Person
) -> None:
    client = browser_of(secretary)
    decision = fallen(assembly, secretary)
    day = timezone.now() + timedelta(days=30)
    when = {
        "day_day": day.day,
        "day_month": day.month,
        "day_year": day.year,
        "starts": "7pm",
        "ends": "21:00",
    }
    sent = {
        "kind": "moot",
        "title": "Moot on fruit",
        "address": "Town Hall",
        "link": "",
        "agenda": "",
        **when,
    }
    assert step(client, decision, "deliberate", days=7)[0] == 409
    assert step(client, decision, "gather", **sent)[0] == 302
    gathering = decision.gatherings.get()
    assert (gathering.title, gathering.called_by) == ("Moot on fruit", secretary)
    assert "Moot on fruit" in client.get(address(decision)).content.decode()
    decision, _moot = met(assembly, secretary)
    assert step(client, decision, "deliberate", days=3)[0] == 200
    assert step(client, decision, "deliberate", days=9)[0] == 302
    decision.refresh_from_db()
    assert decision.is_in_deliberation


@pytest.mark.policy("A15")
def test_outcome_and_work_are_written_down_and_followed_by_buttons(
    assembly: Assembly, secretary: Person
) -> None:
    client = browser_of(secretary)
    decision = agreed(assembly, [secretary])
    assert step(client, decision, "outcome", text="We plant apples.")[0] == 302
    status, text = step(client, decision, "outcome", text="We plant apples.")
    assert (status, "Nothing here differs" in text) == (200, True)
    day = timezone.now() + timedelta(days=10)
    due = {"due_on_day": day.day, "due_on_month": day.month, "due_on_year": day.year}
    assert step(client, decision, "task", title="Buy trees", owner=secretary.pk, **due)[0] == 302
    task = Task.objects.get()
    assert step(client, task, "report", text="Found a nursery.")[0] == 302
    assert "Found a nursery." in client.get(address(task)).content.decode()
    assert step(client, task, "drop", reason="")[0] == 200
    assert step(client, task, "finish")[0] == 302
    for verb, data in (("finish", {}), ("drop", {"reason": "Too late."}), ("report", {"text": "More."})):
        status, text = step(client, task, verb, **data)
        assert (status, "done or dropped already" in text) == (409, True), verb
    assert client.get(address(task, "move/finish/")).status_code == 409
    decision.refresh_from_db()
    assert decision.outcome_statement == "We plant apples."


REFUSED = [
    ("a settled one", lambda a, s: agreed(a, [s]), "call", {"option": "1"}, "settled or withdrawn"),
    (
        "a settled one",
        lambda a, s: agreed(a, [s]),
        "withdraw",
        {"reason": "Why not."},
        "This matter is settled.",
    ),
    (
        "a settled one",
        lambda a, s: agreed(a, [s]),
        "edit",
        {"title": "New", "text": ""},
        "This matter is settled.",
    ),
    ("a voted one", voted, "option", {"name": "Late"}, "This matter is settled."),
    (
        "a called one",
        lambda a, s: called(make_decision(a, s), s).decision,
        "call",
        {"option": "2"},
        "open on this",
    ),
    (
        "a called one",
        lambda a, s: called(make_decision(a, s), s).decision,
        "withdraw",
        {"reason": "W"},
        "is open",
    ),
    ("in talk", make_decision, "deliberate", {"days": "7"}, "Seek consensus first"),
    ("in talk", make_decision, "gather", {"title": "M"}, "Seek consensus first"),
    ("in talk", make_decision, "outcome", {"text": "All."}, "no outcome yet"),
    ("in talk", make_decision, "task", {"title": "All"}, "no outcome yet"),
    ("deliberating", deliberating, "deliberate", {"days": "9"}, "has begun already"),
    ("deliberating", lambda a, s: deliberating(a, s, days_ago=6), "call", {"option": "1"}, "48 hours"),
]


@pytest.mark.policy("A8")
@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case[0]}: {case[2]}")
def test_short_cuts_are_refused_with_their_sentence_and_change_nothing(
    assembly: Assembly, secretary: Person, case: tuple
) -> None:
    _name, make, verb, data, sentence = case
    decision = make(assembly, secretary)
    client = browser_of(secretary)
    before = Decision.objects.filter(pk=decision.pk).values().get()
    assert f"move/{verb}/" not in client.get(address(decision)).content.decode()
    shown = client.get(address(decision, f"move/{verb}/"))
    assert (shown.status_code, sentence in shown.content.decode()) == (409, True)
    status, text = step(client, decision, verb, **data)
    assert (status, sentence in text) == (409, True)
    assert Decision.objects.filter(pk=decision.pk).values().get() == before


def test_a_withdrawal_says_why(assembly: Assembly, secretary: Person) -> None:
    decision = make_decision(assembly, secretary)
    client = browser_of(secretary)
    status, text = step(client, decision, "withdraw", reason=" ")
    assert (status, "Say why the matter is withdrawn" in text) == (200, True)
    assert step(client, decision, "withdraw", reason="Overtaken by events.")[0] == 302
    assert "Overtaken by events." in client.get(address(decision)).content.decode()


@pytest.mark.parametrize("make", [make_decision, lambda a, s: agreed(a, [s]), voted])
def test_nothing_is_typed_over_or_deleted_by_anybody(
    assembly: Assembly, secretary: Person, root: Person, make: object
) -> None:
    decision = make(assembly, secretary)
    before = Decision.objects.filter(pk=decision.pk).values().get()
    for person in (secretary, root):
        client = browser_of(person)
        data = {"title": "Other", "settled_at": "", "outcome_statement": "Other", "_save": "Save"}
        assert client.post(address(decision), data).status_code == 403
        assert client.post(address(decision, "delete/"), {"post": "yes"}).status_code == 403
        chosen = {"action": "delete_selected", "_selected_action": str(decision.pk), "post": "yes"}
        client.post("/admin/decisions/decision/", chosen)
        assert client.get("/admin/decisions/decision/add/").status_code == 403
    assert Decision.objects.filter(pk=decision.pk).values().get() == before


# --- Races -------------------------------------------------------------------------------------------
@pytest.mark.policy("A13", "P9")
def test_a_secretary_declares_a_race_and_nobody_is_appointed_by_hand(
    assembly: Assembly, secretary: Person, other_secretary: Person
) -> None:
    office = Office.objects.create(assembly=assembly, role="deputy")
    foreign = other_secretary.terms.get().office
    client = browser_of(secretary)
    add = "/admin/decisions/race/add/"
    assert "Deputy, Society for Elections" in client.get(add).content.decode()
    assert "an assembly that you serve" in client.post(add, {"office": foreign.pk}).content.decode()
    assert client.post(add, {"office": office.pk}).status_code == 302
    race = Race.objects.get()
    assert race.office == office
    assert (
        "There is a race for this office already." in client.post(add, {"office": office.pk}).content.decode()
    )
    assert client.get(address(race)).status_code == 200
    page = client.get(address(race.decision)).content.decode()
    assert str(secretary) in page
    assert "/admin/members/person/" not in page  # which a secretary may not open
    assert f"/admin/assemblies/assembly/{assembly.pk}/change/" in page
    assert step(client, race.decision, "withdraw", reason="I would rather not.")[0] == 409
    assert browser_of(other_secretary).get(address(race)).status_code == 302
    root = browser_of(make_person(is_staff=True, is_superuser=True))
    assert (
        f"/admin/members/person/{secretary.pk}/change/" in root.get(address(race.decision)).content.decode()
    )
    assert root.post(add, {"office": office.pk}).status_code == 403
    term = {"office": office.pk, "person": other_secretary.pk, "began_at": "2020-01-01T00:00"}
    assert client.post("/admin/assemblies/term/add/", term).status_code == 403


# --- Comments ----------------------------------------------------------------------------------------
def test_a_secretary_removes_a_comment_with_a_reason(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    decision = make_decision(assembly, member)
    comment = talk.say(decision, by=member, at=timezone.now(), text="You are all fools.")
    client = browser_of(secretary)
    status, text = step(client, comment, "remove", reason="")
    assert (status, "Say why the comment is removed" in text) == (200, True)
    assert step(client, comment, "remove", reason="It insults people.")[0] == 302
    comment.refresh_from_db()
    assert (comment.removed_by, comment.removed_because) == (secretary, "It insults people.")
    page = client.get(address(comment)).content.decode()
    assert "It insults people." in page
    assert "all fools" not in page
    status, text = step(client, comment, "remove", reason="Again.")
    assert (status, "removed already" in text) == (409, True)
    assert (
        step(browser_of(make_person(is_staff=True, is_superuser=True)), comment, "remove", reason="x")[0]
        == 403
    )


# --- Lists hold their query count --------------------------------------------------------------------
def counted(client: Client, page: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return len(queries)


def make_many(assembly: Assembly, by: Person, number: int) -> None:
    now = timezone.now()
    rules = {"quorum": 3, "cooling_off_days": 5, "deliberation_days": 7, "voting_days": 7}
    decisions = Decision.objects.bulk_create(
        Decision(
            assembly=assembly,
            title=f"Matter {n}",
            proposed_by=by,
            proposed_at=now,
            settled_at=now,
            settled_by="consensus",
            **rules,
        )
        for n in range(number)
    )
    Comment.objects.bulk_create(
        Comment(decision=one, author=by, text="Yes.", said_at=now) for one in decisions
    )
    tasks = Task.objects.bulk_create(
        Task(decision=one, title="Do it", owner=by, due_on=now.date(), named_at=now, named_by=by)
        for one in decisions
    )
    Report.objects.bulk_create(Report(task=task, person=by, text="So.", reported_at=now) for task in tasks)
    Gathering.objects.bulk_create(
        Gathering(
            assembly=assembly,
            decision=one,
            title="M",
            address="A",
            starts_at=now,
            ends_at=now + timedelta(hours=1),
            called_at=now,
            called_by=by,
        )
        for one in decisions
    )


@pytest.mark.parametrize("who", ["secretary", "root"])
def test_lists_ask_no_more_for_1000_rows_than_for_10(
    assembly: Assembly, secretary: Person, root: Person, who: str
) -> None:
    client = browser_of({"secretary": secretary, "root": root}[who])
    pages = [f"/admin/decisions/{table}/" for table in ("decision", "comment", "task", "gathering")]
    make_many(assembly, secretary, 10)
    few = {page: counted(client, page) for page in [*pages, *pages]}
    make_many(assembly, secretary, 990)
    many = {page: counted(client, page) for page in pages}
    assert many == few
    assert max(many.values()) <= 32, many


def make_many_more(assembly: Assembly, by: Person, number: int) -> None:
    """Races, questions and referrals, with the people and gatherings that each is about."""
    now = timezone.now()
    begun = Decision.objects.filter(assembly=assembly).count()
    places = make_places(number, begun)
    offices = Office.objects.bulk_create(Office(assembly=one, role="deputy") for one in places)
    people = Person.objects.bulk_create(
        Person(email=f"p{begun + n}@many.example", name=f"Person of many {begun + n}") for n in range(number)
    )
    rules = {"quorum": 3, "cooling_off_days": 5, "deliberation_days": 7, "voting_days": 7}
    matters = Decision.objects.bulk_create(
        Decision(assembly=assembly, kind="race", title=f"Race {n}", proposed_at=now, **rules)
        for n in range(number)
    )
    Race.objects.bulk_create(
        Race(decision=one, office=office, cause="due", seats=1, nominations_end_at=now)
        for one, office in zip(matters, offices, strict=True)
    )
    moot = {"starts_at": now, "ends_at": now + timedelta(hours=1), "called_at": now, "called_by": by}
    moots = Gathering.objects.bulk_create(
        Gathering(assembly=assembly, title=f"M{n}", address="A", **moot) for n in range(number)
    )
    Question.objects.bulk_create(
        Question(gathering=one, asked_by=person, text="Why?", asked_at=now)
        for one, person in zip(moots, people, strict=True)
    )
    bars = Bar.objects.bulk_create(
        Bar(gathering=one, person=person, barred_by=by, barred_at=now, ground="hate", reason="Shouted.")
        for one, person in zip(moots, people, strict=True)
    )
    Referral.objects.bulk_create(Referral(bar=bar, opened_at=now) for bar in bars)


def make_places(number: int, begun: int) -> list[Assembly]:
    rows = [
        Assembly(slug=f"place-{begun + n}", name=f"Place {begun + n}", kind=Kind.SOCIETY, formed_at=LONG_AGO)
        for n in range(number)
    ]
    return Assembly.objects.bulk_create(rows)


def test_races_questions_and_referrals_ask_no_more_for_1000_rows_than_for_10(
    assembly: Assembly, secretary: Person
) -> None:
    client = browser_of(secretary)
    make_duty(assembly, Duty.Name.RESOLUTIONS)
    pages = [f"/admin/decisions/{table}/" for table in ("race", "question", "referral")]
    make_many_more(assembly, make_member(), 10)
    few = {page: counted(client, page) for page in [*pages, *pages]}
    for page, row in zip(pages, ("Race 0", "Why?", "Person of many 0"), strict=True):
        assert row in client.get(page).content.decode()
    make_many_more(assembly, make_member(), 990)
    many = {page: counted(client, page) for page in pages}
    assert many == few
    assert max(many.values()) <= 32, many


def test_the_filters_and_the_search_of_the_lists_work(assembly: Assembly, secretary: Person) -> None:
    client = browser_of(secretary)
    settled = agreed(assembly, [secretary], title="A settled matter")
    talked = make_decision(assembly, secretary, title="A talked matter")
    now: datetime = timezone.now()
    work.name_task(
        settled, by=secretary, at=now, title="Dig", owner=secretary, due_on=now.date() + timedelta(1)
    )
    page = client.get("/admin/decisions/decision/?stage=talk").content.decode()
    assert talked.title in page
    assert settled.title not in page
    assert settled.title in client.get("/admin/decisions/decision/?q=settled").content.decode()
    for query, found in (("open", True), ("late", False), ("done", False), ("dropped", False), ("odd", True)):
        assert ("Dig" in client.get(f"/admin/decisions/task/?state={query}").content.decode()) is found, query
