"""A decision's pages through their addresses: where it stands, every step for every role, and every refusal."""

import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly, Kind
from decisions import calls, proposals, talk, work
from decisions.models import Call, Comment, Decision, Position, Report, Revision, Stance, Task
from harmony.clock import sweep
from harmony.time import london_day
from ledger import events
from ledger.models import Event
from members.models import Person
from tests.decisions.climbing import agreed, called, deliberating, fallen, met, voted, voting
from tests.factories import (
    make_assembly,
    make_decision,
    make_members,
    make_participation,
)

pytestmark = pytest.mark.django_db


def text_of(client: Client, url: str) -> str:
    """The words of a page, without its tags."""
    response = client.get(url)
    assert response.status_code == 200, f"{url}: {response.status_code}"
    return words(response.content.decode())


def words(page: str) -> str:
    main = page.split("<main", 1)[-1].split("</main>", maxsplit=1)[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def page_of(decision: Decision, name: str = "decision_detail", *more: object) -> str:
    return reverse(f"decisions:{name}", args=[decision.pk, *more])


def who(client: Client, person: Person | None) -> Client:
    client.logout()
    if person is not None:
        client.force_login(person)
    return client


# --- At a glance --------------------------------------------------------------------------------------
@pytest.mark.policy("P10")
def test_anybody_reads_every_stage_of_a_matter(client: Client, assembly: Assembly, secretary: Person) -> None:
    others = make_members(assembly, 2)
    matters = {
        "Talking": make_decision(assembly, secretary),
        "Trying harder": fallen(assembly, secretary, title="Second"),
        "Deliberating": deliberating(assembly, secretary, title="Third"),
        "Voting": voting(assembly, secretary, title="Fourth"),
        "Decided by ballot": voted(assembly, secretary, title="Fifth"),
        "Decided by consensus": agreed(assembly, [secretary, *others], title="Sixth"),
    }
    open_call = make_decision(assembly, secretary, title="Seventh")
    called(open_call, secretary)
    matters["Call for consensus open"] = open_call
    withdrawn = make_decision(assembly, secretary, title="Eighth")
    proposals.withdraw(withdrawn, by=secretary, at=timezone.now(), reason="It solved itself.")
    matters["Withdrawn"] = withdrawn
    for label, decision in matters.items():
        page = text_of(client, page_of(decision))
        assert label in page
        assert "What happens next" in page
        assert decision.title in page
        assert "The whole way" in page


@pytest.mark.policy("A8")
def test_the_ladder_names_its_rungs_in_order_and_marks_the_present_one(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    for decision, rung in (
        (make_decision(assembly, secretary), "Talk"),
        (fallen(assembly, secretary, title="Second"), "Try harder"),
        (voting(assembly, secretary, title="Third"), "Ballot"),
    ):
        page = client.get(page_of(decision)).content.decode()
        ladder = page.split('id="ladder"')[1].split("</ol>")[0]
        rungs = re.findall(r"<strong>([^<]+)</strong>", ladder)
        assert rungs == ["Talk", "Call for consensus", "Try harder", "Deliberation", "Ballot", "Work"]
        current = re.findall(r'<li aria-current="step">\s*<strong>([^<]+)', ladder)
        assert current == [rung]


@pytest.mark.policy("A8", "P10")
def test_the_timeline_says_why_we_vote_and_under_which_rule(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    decision = voting(assembly, secretary)
    page = text_of(client, page_of(decision)).split("The whole way")[1]
    moves = [
        "Sam Secretary proposed this",
        "Sam Secretary called for consensus on “Apples”",
        "The call ended without consensus: it fell.",
        "0 of 1 member agreed (1 needed)",
        "It was held: Moot.",
        "Sam Secretary declared a deliberation of 7 days.",
        "The deliberation ended.",
        "The ballot opened by itself.",
        "No consensus was found in the calls, the gathering and the deliberation",
    ]
    places = [page.find(move) for move in moves]
    assert -1 not in places, dict(zip(moves, places, strict=True))
    assert places == sorted(places)


def test_every_event_of_a_decision_has_its_sentence(
    client: Client, assembly: Assembly, secretary: Person, member: Person
) -> None:
    matter = voted(assembly, secretary)
    comment = talk.say(matter, by=member, at=timezone.now(), text="First thoughts")
    talk.edit(comment, by=member, at=timezone.now(), text="Second thoughts")
    talk.remove(comment, by=secretary, at=timezone.now(), reason="Off the point")
    now = timezone.now()
    task = work.name_task(matter, by=secretary, at=now, title="Plant", owner=member, due_on=london_day(now))
    work.report(task, by=member, at=now, text="Dug")
    work.finish(task, by=member, at=now)
    page = text_of(client, page_of(matter)).split("The whole way")[1]
    for sentence in (
        "Mary Member wrote a comment.",
        "Mary Member changed what they wrote.",
        "Sam Secretary removed a comment.",
        "The ballot closed.",
        "1 vote was counted.",
        "Decided by ballot: Apples.",
        "Sam Secretary named a task for Mary Member: Plant.",
        "Mary Member reported on “Plant”.",
        "Mary Member finished “Plant”.",
    ):
        assert sentence in page, sentence
    assert not re.search(r"\b(decision|task|gathering|ballot)\.[a-z_]+\b", page)


def test_an_event_that_the_timeline_does_not_know_is_still_shown(
    client: Client, assembly: Assembly, member: Person
) -> None:
    decision = make_decision(assembly, member)
    events.record("decision.something_new", decision, at=timezone.now())
    assert "decision.something_new" in text_of(client, page_of(decision))


@pytest.mark.policy("A3", "P10")
def test_members_and_participants_are_told_apart_in_numbers_and_names(
    client: Client, assembly: Assembly, secretary: Person, member: Person, participant: Person
) -> None:
    decision = make_decision(assembly, secretary)
    call = called(decision, secretary)
    now = timezone.now()
    calls.take_position(call, secretary, "agree", at=now)
    calls.take_position(call, participant, "object", reason="They attract wasps.", at=now)
    page = text_of(client, page_of(decision))
    assert "Members 1 agrees, 0 stand aside, 0 object" in page
    assert "Participants who are not members 0 agree, 0 stand aside, 1 objects" in page
    assert "1 member has not answered." in page
    assert "Peter Participant participant They attract wasps." in page
    assert "1 more member has to agree for consensus." in page
    calls.take_position(call, member, "object", reason="No room.", at=now)
    page = client.get(page_of(decision)).content.decode()
    assert "A member’s objection stands, so there is no consensus." in words(page)
    members_bar = page.split("bars__picture")[1].split("</svg>")[0]
    assert re.findall(r'class="bar (bar--\w+)" x="([\d.]+)" width="([\d.]+)"', members_bar) == [
        ("bar--first", "0.000", "50.000"),
        ("bar--second", "50.000", "50.000"),
    ]


@pytest.fixture
def cast(secretary: Person, member: Person, participant: Person, outsider: Person) -> list[Person | None]:
    """Everybody whom a page may meet; None is somebody not logged in."""
    return [secretary, member, participant, outsider, None]


def test_what_each_role_can_do_is_offered_and_works(
    client: Client, assembly: Assembly, cast: list[Person | None]
) -> None:
    """Every link that the page offers answers with a page, at every stage, for everybody."""
    secretary, member, participant, outsider, _nobody = cast
    assert secretary is not None
    assert member is not None
    decision = make_decision(assembly, member)
    open_call = make_decision(assembly, member, title="Second")
    called(open_call, secretary)
    late = deliberating(assembly, secretary, days_ago=6, title="Third")
    matters = [
        decision,
        open_call,
        late,
        fallen(assembly, secretary, title="Fourth"),
        met(assembly, secretary, title="Fifth")[0],
        voting(assembly, secretary, title="Sixth"),
        voted(assembly, secretary, title="Seventh"),
    ]
    offered: dict[str, set[str]] = {}
    for person in cast:
        who(client, person)
        for matter in matters:
            page = client.get(page_of(matter)).content.decode()
            steps = page.split('class="steps"')[1].split("</ul>")[0] if 'class="steps"' in page else ""
            for url, label in re.findall(r'href="([^"]+)">([^<]+)</a>', steps):
                offered.setdefault(str(person), set()).add(label)
                if not url.startswith("#"):
                    assert client.get(unescape(url)).status_code == 200, f"{person}: {url}"
    assert "Begin the deliberation" in offered[str(secretary)]
    assert {"Call for consensus", "Call a gathering", "Name a task"} <= offered[str(secretary)]
    assert offered[str(member)] >= {"Answer the call", "Vote", "Withdraw it", "Add an option"}
    assert not offered[str(member)] & {"Call for consensus", "Name a task", "Begin the deliberation"}
    assert offered[str(participant)] == {"Answer the call", "Add an option", "Say something"}
    assert offered[str(outsider)] == {"See the assembly"}
    assert offered["None"] == {"Log in"}


# --- Proposing ----------------------------------------------------------------------------------------
def proposal(**fields: str) -> dict[str, str]:
    return {
        "title": "Which fruit?",
        "text": "One **row**.",
        "boxes": "2",
        "option_1": "Apples",
        "statement_1": "Keep well",
        "option_2": "",
        "statement_2": "",
        **fields,
    }


@pytest.mark.policy("A2", "A9")
def test_any_participant_proposes_from_the_assembly_s_page(
    client: Client, assembly: Assembly, participant: Person
) -> None:
    who(client, participant)
    url = reverse("decisions:decision_propose", args=[assembly.slug])
    assert url in client.get(assembly.get_absolute_url()).content.decode()
    response = client.post(url, proposal())
    decision = Decision.objects.get()
    assert response["Location"] == decision.get_absolute_url()
    page = client.get(page_of(decision)).content.decode()
    assert "<strong>row</strong>" in page
    assert [option.name for option in decision.options.all()] == ["Apples", "Leave things as they are"]


def test_a_proposal_sent_twice_is_made_once(client: Client, assembly: Assembly, member: Person) -> None:
    who(client, member)
    url = reverse("decisions:decision_propose", args=[assembly.slug])
    first, second = client.post(url, proposal()), client.post(url, proposal())
    assert first["Location"] == second["Location"]
    assert Decision.objects.count() == 1


def test_more_options_are_added_without_a_script_and_nothing_typed_is_lost(
    client: Client, assembly: Assembly, member: Person
) -> None:
    who(client, member)
    url = reverse("decisions:decision_propose", args=[assembly.slug])
    page = client.post(url, proposal(more="1", title="")).content.decode()
    assert 'name="option_3"' in page
    assert 'value="Apples"' in page
    assert "Keep well" in page
    assert "There is a problem" not in page
    assert not Decision.objects.exists()
    sent = proposal(boxes="3", option_2="Pears", option_3="Plums")
    client.post(url, sent)
    assert Decision.objects.get().options.count() == 4


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"title": ""}, "Say in one line what is to be decided"),
        ({"option_1": ""}, "Name at least one option"),
        ({"option_2": "apples"}, "Two options have the same name."),
        ({"option_2": "leave things as they are"}, "it need not be added"),
        ({"statement_2": "Juicy"}, "Name option 2"),
        ({"title": "x" * 161}, "Write at most 160 characters"),
        ({"boxes": "9999999999"}, ""),
        ({"boxes": "-1"}, ""),
        ({"boxes": "x"}, ""),
    ],
)
def test_a_proposal_that_is_not_complete_says_what_is_missing_and_keeps_what_was_typed(
    client: Client, assembly: Assembly, member: Person, fields: dict[str, str], says: str
) -> None:
    who(client, member)
    response = client.post(reverse("decisions:decision_propose", args=[assembly.slug]), proposal(**fields))
    if not says:
        assert response.status_code == 302
        return
    assert response.status_code == 200
    page = response.content.decode()
    assert "There is a problem" in page
    assert says in unescape(page)
    assert "Keep well" in page
    assert not Decision.objects.exists()


def test_who_does_not_take_part_proposes_nothing(
    client: Client, assembly: Assembly, outsider: Person
) -> None:
    url = reverse("decisions:decision_propose", args=[assembly.slug])
    assert client.get(url)["Location"].startswith(reverse("account_login"))
    who(client, outsider)
    for response in (client.get(url), client.post(url, proposal())):
        assert response.status_code == 403
        assert "You do not take part in this one." in response.content.decode()
    assert not Decision.objects.exists()


def test_a_joint_matter_is_proposed_together_with_another_assembly_of_the_proposer_s(
    client: Client, assembly: Assembly, member: Person
) -> None:
    neighbours, strangers = make_assembly("Neighbours"), make_assembly("Strangers")
    make_participation(member, neighbours)
    who(client, member)
    url = reverse("decisions:decision_propose", args=[assembly.slug])
    page = client.get(url).content.decode()
    assert "Neighbours" in page
    assert "Strangers" not in page
    client.post(url, proposal(together_with=strangers.slug))
    assert not Decision.objects.exists()
    client.post(url, proposal(together_with=neighbours.slug))
    assert [one.name for one in Decision.objects.get().assemblies()] == [assembly.name, "Neighbours"]
    assert "Which fruit?" in text_of(client, neighbours.get_absolute_url())


# --- Text, options, withdrawal ------------------------------------------------------------------------
@pytest.mark.policy("P10")
def test_a_changed_text_keeps_what_it_was_for_everybody_to_read(
    client: Client, assembly: Assembly, member: Person
) -> None:
    decision = make_decision(assembly, member)
    who(client, member)
    client.post(page_of(decision, "decision_edit"), {"title": "Which trees?", "text": "Two rows."})
    client.post(page_of(decision, "decision_edit"), {"title": "Which trees?", "text": "Two rows."})
    assert Revision.objects.filter(decision=decision).count() == 1
    who(client, None)
    history = text_of(client, page_of(decision, "decision_history"))
    assert "Which trees?" in history
    assert "Which fruit do we plant?" in history
    assert "Mary Member" in history


def test_only_the_proposer_and_the_secretary_change_or_withdraw_a_matter(
    client: Client, assembly: Assembly, member: Person, secretary: Person, participant: Person
) -> None:
    decision = make_decision(assembly, member)
    for name in ("decision_edit", "decision_withdraw"):
        url = page_of(decision, name)
        who(client, participant)
        for response in (client.get(url), client.post(url, {"title": "Mine", "text": "Mine"})):
            assert response.status_code == 403
            assert "Only whoever proposed the matter" in response.content.decode()
        for person in (member, secretary):
            assert who(client, person).get(url).status_code == 200
    decision.refresh_from_db()
    assert decision.title == "Which fruit do we plant?"
    assert decision.withdrawn_at is None


def test_anybody_taking_part_adds_an_option_once_until_a_call_is_made(
    client: Client, assembly: Assembly, member: Person, secretary: Person, participant: Person
) -> None:
    decision = make_decision(assembly, member)
    url = page_of(decision, "option_add")
    who(client, participant)
    for _ in range(2):
        assert client.post(url, {"name": "Plums", "statement": "Sweet"}).status_code == 302
    assert decision.options.filter(name="Plums").count() == 1
    refused = client.post(url, {"name": "apples", "statement": "Kept"}).content.decode()
    assert "There is an option of this name already." in refused
    assert "Kept" in refused
    called(decision, secretary)
    for response in (client.get(url), client.post(url, {"name": "Figs"})):
        assert response.status_code == 409
        assert "A call for consensus is open" in response.content.decode()
    assert not decision.options.filter(name="Figs").exists()


def test_a_matter_is_withdrawn_with_a_reason_that_everybody_reads(
    client: Client, assembly: Assembly, member: Person
) -> None:
    decision = make_decision(assembly, member)
    who(client, member)
    url = page_of(decision, "decision_withdraw")
    assert "Say why the matter is withdrawn" in client.post(url, {"text": " "}).content.decode()
    assert client.post(url, {"text": "We found a gardener."}).status_code == 302
    assert client.post(url, {"text": "Again"}).status_code == 409
    page = text_of(who(client, None), page_of(decision))
    assert "We found a gardener." in page
    assert "Withdrawn" in page


# --- Calls and answers --------------------------------------------------------------------------------
@pytest.mark.policy("A8", "P9")
def test_the_secretary_calls_after_reading_what_that_opens(
    client: Client, assembly: Assembly, secretary: Person, member: Person
) -> None:
    decision = make_decision(assembly, member)
    who(client, secretary)
    choose = page_of(decision, "call_choose")
    assert "Choose the option to call on" in client.get(choose, {"chosen": "1"}).content.decode()
    place = str(decision.options.get(name="Pears").position)
    confirm = client.get(choose, {"chosen": "1", "option": place})["Location"]
    assert confirm == page_of(decision, "call_confirm", place)
    page = text_of(client, confirm)
    assert "5 days from now" in page
    assert "of them 2 are members" in page
    assert "at least 2 members agree and no member objects" in page
    assert not Call.objects.exists()
    assert client.post(confirm)["Location"] == page_of(decision)
    assert Call.objects.get().option.name == "Pears"
    again = client.post(confirm)
    assert again.status_code == 409
    assert "open on this matter already" in again.content.decode()
    assert Call.objects.count() == 1


@pytest.mark.policy("P9")
def test_nobody_but_the_secretary_calls_where_there_is_one_and_any_member_where_there_is_none(
    client: Client, member: Person, secretary: Person, participant: Person, assembly: Assembly
) -> None:
    decision = make_decision(assembly, member)
    url = page_of(decision, "call_confirm", 1)
    for person in (member, participant):
        who(client, person)
        for response in (client.get(url), client.post(url)):
            assert response.status_code == 403
            assert "Only the assembly’s secretary or a deputy" in response.content.decode()
    unled = make_assembly("Unled")
    for person in (member, participant):
        make_participation(person, unled)
    decision = make_decision(unled, participant)
    url = page_of(decision, "call_confirm", 1)
    assert who(client, participant).post(url).status_code == 403
    assert who(client, member).post(url).status_code == 302
    assert Call.objects.get().called_by == member


@pytest.mark.policy("A9")
def test_three_members_settle_a_simple_matter_at_once_through_the_pages(
    client: Client, assembly: Assembly, member: Person
) -> None:
    people = [member, *make_members(assembly, 2)]
    who(client, member)
    client.post(reverse("decisions:decision_propose", args=[assembly.slug]), proposal())
    decision = Decision.objects.get()
    client.post(page_of(decision, "call_confirm", 1))
    for person in people:
        who(client, person)
        response = client.post(page_of(decision, "call_answer", 1), {"stance": "agree", "reason": ""})
        assert response.status_code == 302
    page = text_of(client, page_of(decision))
    assert "Decided by consensus" in page
    assert "Decided: Apples" in page
    assert client.get(page_of(decision, "call_answer", 1)).status_code == 409


@pytest.mark.policy("A7")
@pytest.mark.parametrize(
    ("what", "first"),
    [("Which fruit?", "Apples"), ("Selection: who stands for us in the county election?", "Ada Ashworth")],
)
def test_a_constituency_comes_to_consensus_on_what_affects_its_area_and_selects_who_stands_there(
    client: Client, what: str, first: str
) -> None:
    region = make_assembly("North", kind=Kind.REGION)
    constituency = make_assembly("Upper Wharfedale", kind=Kind.CONSTITUENCY, within=region)
    people = make_members(constituency, 3)
    neighbour = make_members(region, 1)[0]
    assert "carry out Selection and form consensus" in text_of(client, reverse("assemblies:assembly_list"))
    who(client, people[0])
    sent = proposal(title=what, option_1=first)
    client.post(reverse("decisions:decision_propose", args=[constituency.slug]), sent)
    decision = Decision.objects.get()
    client.post(page_of(decision, "call_confirm", 1))
    who(client, neighbour)
    assert client.post(page_of(decision, "call_answer", 1), {"stance": "agree"}).status_code == 403
    for person in people:
        who(client, person)
        assert client.post(page_of(decision, "call_answer", 1), {"stance": "agree"}).status_code == 302
    client.logout()
    page = text_of(client, page_of(decision))
    assert "Decided by consensus" in page
    assert f"Decided: {first}" in page
    assert decision.title in text_of(client, constituency.get_absolute_url())


@pytest.mark.policy("A2", "A3", "P5")
def test_participants_answer_a_call_and_change_their_answer(
    client: Client, assembly: Assembly, secretary: Person, participant: Person
) -> None:
    make_members(assembly, 2)
    decision = make_decision(assembly, secretary)
    called(decision, secretary)
    url = page_of(decision, "call_answer", 1)
    who(client, participant)
    assert "only members’ objections stop consensus" in text_of(client, url)
    missing = client.post(url, {"stance": "object", "reason": " "}).content.decode()
    assert "Say why you object" in missing
    assert re.search(r'value="object"[^>]*checked', missing)
    assert "Choose agree, stand aside or object" in client.post(url, {"reason": "Because"}).content.decode()
    assert not Position.objects.exists()
    client.post(url, {"stance": "object", "reason": "Wasps."})
    client.post(url, {"stance": "object", "reason": "Wasps."})
    assert Event.objects.filter(verb="decision.answered").count() == 1
    assert "Your answer to the call: Object" in text_of(client, page_of(decision))
    assert "Wasps." in client.get(url).content.decode()
    client.post(url, {"stance": "agree", "reason": ""})
    assert Position.objects.get().stance == Stance.AGREE


def test_an_answer_after_the_end_or_by_a_stranger_is_refused_in_words(
    client: Client, assembly: Assembly, secretary: Person, member: Person, outsider: Person
) -> None:
    decision = make_decision(assembly, secretary)
    call = called(decision, secretary, at=timezone.now() - timedelta(days=6))
    url = page_of(decision, "call_answer", 1)
    who(client, member)
    assert client.get(url).status_code == 409
    late = client.post(url, {"stance": "agree", "reason": ""})
    assert late.status_code == 409
    assert "came too late and was not recorded" in late.content.decode()
    who(client, outsider)
    for response in (client.get(url), client.post(url, {"stance": "agree"})):
        assert response.status_code == 403
        assert "You do not take part" in response.content.decode()
        assert assembly.get_absolute_url() in response.content.decode()
    assert not call.positions.exists()
    assert client.get(page_of(decision, "call_answer", 2)).status_code == 404
    assert client.get(page_of(decision, "call_detail", 0)).status_code == 404


@pytest.mark.policy("P10")
def test_an_objection_is_answered_for_all_to_read(
    client: Client, assembly: Assembly, secretary: Person, member: Person, participant: Person
) -> None:
    decision = make_decision(assembly, secretary)
    call = called(decision, secretary)
    calls.take_position(call, member, "object", reason="No room.", at=timezone.now())
    url = page_of(decision, "objection_answer", 1, member.pk)
    who(client, participant)
    assert url in client.get(page_of(decision)).content.decode()
    assert "No room." in text_of(client, url)
    assert "Write an answer" in client.post(url, {"text": ""}).content.decode()
    client.post(url, {"text": "We measured: there is."})
    who(client, None)
    for page in (page_of(decision), page_of(decision, "call_detail", 1)):
        shown = text_of(client, page)
        assert "We measured: there is." in shown
        assert "Answered by Peter Participant" in shown
    calls.take_position(call, member, "agree", at=timezone.now())
    assert who(client, participant).get(url).status_code == 404


def test_the_names_of_very_many_have_a_page_of_their_own(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    decision = make_decision(assembly, secretary)
    call = called(decision, secretary)
    people = make_members(assembly, 101)
    Position.objects.bulk_create(
        Position(call=call, person=person, stance="agree", taken_at=call.called_at) for person in people
    )
    page = client.get(page_of(decision)).content.decode()
    assert "101 agree" in words(page)
    assert people[0].name not in page.split('id="timeline"')[0]
    names = page_of(decision, "call_detail", 1)
    assert names in page
    assert people[0].name in text_of(client, names)


@pytest.mark.policy("A8")
def test_a_fallen_call_stays_on_the_page_with_its_balance(
    client: Client, assembly: Assembly, secretary: Person, member: Person
) -> None:
    decision = make_decision(assembly, secretary, at=timezone.now() - timedelta(days=9))
    call = called(decision, secretary, at=timezone.now() - timedelta(days=8))
    calls.take_position(call, member, "object", reason="No room.", at=call.called_at + timedelta(days=1))
    sweep(timezone.now())
    page = text_of(client, page_of(decision))
    assert "Trying harder" in page
    assert "Calls that have ended Apples no consensus" in page
    assert "0 agree, 0 stand aside, 1 objects" in page
    assert "No room." in page
    assert "There can be no ballot before a moot has been held." in page


# --- Deliberation, outcome, work ----------------------------------------------------------------------
@pytest.mark.policy("A8", "P9")
def test_a_deliberation_begins_only_after_a_moot_and_never_short(
    client: Client, assembly: Assembly, secretary: Person, member: Person
) -> None:
    untried = fallen(assembly, secretary)
    who(client, secretary)
    refused = client.post(page_of(untried, "deliberation_begin"), {"days": "7"})
    assert refused.status_code == 409
    assert "A moot comes first" in refused.content.decode()
    decision, _moot = met(assembly, secretary, title="Second")
    url = page_of(decision, "deliberation_begin")
    assert "a STAR ballot of 7 days on all the options opens by itself" in text_of(client, url)
    for days, says in (("6", "at least 7"), ("61", "at most 60"), ("", "Enter a number"), ("x", "Enter a")):
        page = client.post(url, {"days": days})
        assert page.status_code == 200
        assert says in page.content.decode()
    assert who(client, member).post(url, {"days": "7"}).status_code == 403
    who(client, secretary)
    assert client.post(url, {"days": "8"}).status_code == 302
    assert client.post(url, {"days": "8"}).status_code == 409
    assert "Deliberating" in text_of(client, page_of(decision))


@pytest.mark.policy("A8")
def test_a_call_in_a_deliberation_is_offered_and_taken_until_48_hours_before_its_end(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    early = deliberating(assembly, secretary, days_ago=4)
    late = deliberating(assembly, secretary, days_ago=5.1, title="Second")
    who(client, secretary)
    assert "Call for consensus" in client.get(page_of(early)).content.decode().split('class="steps"')[1][:600]
    assert "can be made until" in text_of(client, page_of(early))
    assert client.post(page_of(early, "call_confirm", 1)).status_code == 302
    refused = client.post(page_of(late, "call_confirm", 1))
    assert refused.status_code == 409
    assert "48 hours before its end" in refused.content.decode()


@pytest.mark.policy("A10", "P6")
def test_the_ballot_and_then_its_result_are_linked(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    decision = voting(assembly, secretary)
    assert decision.ballot is not None
    page = client.get(page_of(decision)).content.decode()
    assert decision.ballot.get_absolute_url() in page
    assert "binding" in page
    done = voted(assembly, secretary, title="Second")
    page = client.get(page_of(done)).content.decode()
    assert reverse("ballots:ballot_result", args=[done.ballot_id]) in page
    assert "Decided: Apples" in words(page)


@pytest.mark.policy("P10", "P9")
def test_the_outcome_is_written_beside_the_objections_by_who_facilitates(
    client: Client, assembly: Assembly, secretary: Person, member: Person
) -> None:
    undecided = make_decision(assembly, member)
    who(client, secretary)
    assert client.get(page_of(undecided, "outcome_state")).status_code == 409
    decision = voted(assembly, secretary, title="Second")
    calls_made = decision.calls.get()
    Position.objects.create(
        call=calls_made, person=member, stance="object", reason="Too dear.", taken_at=calls_made.called_at
    )
    url = page_of(decision, "outcome_state")
    assert "Too dear." in text_of(client, url)
    assert "Write what was decided" in client.post(url, {"text": ""}).content.decode()
    assert client.post(url, {"text": "We plant *apples*."}).status_code == 302
    assert "<em>apples</em>" in who(client, None).get(page_of(decision)).content.decode()
    assert who(client, member).post(url, {"text": "Mine"}).status_code == 403


@pytest.mark.policy("A15")
def test_a_decision_leads_to_work_that_is_followed_to_its_end(
    client: Client, assembly: Assembly, secretary: Person, member: Person, outsider: Person
) -> None:
    decision = voted(assembly, secretary)
    day = london_day(timezone.now()) + timedelta(days=3)
    sent = {
        "title": "Buy trees",
        "owner": str(member.pk),
        "due_on_day": day.day,
        "due_on_month": day.month,
        "due_on_year": day.year,
    }
    who(client, secretary)
    url = page_of(decision, "task_name")
    assert "Olive Outsider" not in client.get(url).content.decode()
    for fields, says in (
        ({"owner": str(outsider.pk)}, "Choose somebody taking part"),
        ({"due_on_year": 2020}, "The day is in the past."),
        ({"title": ""}, "Say what is to be done"),
        ({"due_on_day": 31, "due_on_month": 2}, "The date must be a real date"),
    ):
        response = client.post(url, sent | fields)
        assert response.status_code == 200
        assert says in words(response.content.decode())
    for _ in range(2):
        assert client.post(url, sent).status_code == 302
    task = Task.objects.get()
    assert "Buy trees" in text_of(who(client, None), page_of(decision))
    assert who(client, outsider).get(page_of(decision, "task_report", task.pk)).status_code == 403
    who(client, member)
    for _ in range(2):
        client.post(page_of(decision, "task_report", task.pk), {"text": "Ordered."})
    assert Report.objects.count() == 1
    assert "Ordered." in text_of(client, page_of(decision))
    assert client.get(page_of(decision, "task_finish", task.pk)).status_code == 200
    assert client.post(page_of(decision, "task_finish", task.pk)).status_code == 302
    again = client.post(page_of(decision, "task_finish", task.pk))
    assert again.status_code == 409
    page = text_of(client, page_of(decision))
    assert "All its tasks are done or dropped." in page
    assert "Mary Member finished “Buy trees”" in page


@pytest.mark.policy("A15")
def test_a_task_is_dropped_with_a_reason_and_a_late_one_says_so(
    client: Client, assembly: Assembly, secretary: Person, member: Person, participant: Person
) -> None:
    decision = voted(assembly, secretary)
    now = timezone.now()
    tasks = [
        work.name_task(decision, by=secretary, at=now, title=title, owner=member, due_on=london_day(now))
        for title in ("Dig", "Water")
    ]
    Task.objects.filter(pk=tasks[0].pk).update(due_on=london_day(now) - timedelta(days=1))
    assert re.search(r"Dig .*? late .*Water .*? under way", text_of(client, page_of(decision)))
    url = page_of(decision, "task_drop", tasks[1].pk)
    assert who(client, participant).post(url, {"reason": "No"}).status_code == 403
    who(client, member)
    assert "Say why the task is dropped" in client.post(url, {"reason": ""}).content.decode()
    client.post(url, {"reason": "It rains enough."})
    assert "Dropped: It rains enough." in text_of(client, page_of(decision))


@pytest.mark.policy("A15")
def test_no_task_is_named_before_the_matter_is_settled(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    decision = make_decision(assembly, secretary)
    who(client, secretary)
    assert client.get(page_of(decision, "task_name")).status_code == 409
    day = london_day(timezone.now())
    due = {"due_on_day": day.day, "due_on_month": day.month, "due_on_year": day.year}
    sent = {"title": "Buy trees", "owner": str(secretary.pk), **due}
    assert client.post(page_of(decision, "task_name"), sent).status_code == 409
    assert not Task.objects.exists()


# --- Talk ---------------------------------------------------------------------------------------------
@pytest.mark.policy("A2")
def test_people_talk_one_level_deep_and_what_they_write_is_safe(
    client: Client, assembly: Assembly, member: Person, participant: Person
) -> None:
    decision = make_decision(assembly, member)
    who(client, participant)
    url = page_of(decision, "comment_add")
    response = client.post(url, {"text": "**Pears** <script>alert(1)</script>"})
    comment = Comment.objects.get()
    assert response["Location"] == f"{page_of(decision)}#comment-{comment.pk}"
    client.post(url, {"text": "**Pears** <script>alert(1)</script>"})
    assert Comment.objects.count() == 1
    assert "Write something first" in client.post(url, {"text": " "}).content.decode()
    who(client, member)
    reply = page_of(decision, "comment_reply", comment.pk)
    client.post(reply, {"text": "Why?"})
    answer = Comment.objects.get(answers=comment)
    client.post(page_of(decision, "comment_reply", answer.pk), {"text": "And how?"})
    assert Comment.objects.filter(answers=comment).count() == 2
    page = who(client, None).get(page_of(decision)).content.decode()
    assert "<strong>Pears</strong>" in page
    assert "<script>alert" not in page
    assert page.index("Why?") < page.index("And how?")
    assert 'id="say"' not in page


@pytest.mark.policy("P10")
def test_an_edited_comment_says_so_and_keeps_what_it_was(
    client: Client, assembly: Assembly, member: Person, participant: Person
) -> None:
    decision = make_decision(assembly, member)
    comment = talk.say(decision, by=participant, at=timezone.now(), text="Rubbish!")
    url = page_of(decision, "comment_edit", comment.pk)
    assert who(client, member).post(url, {"text": "Mine"}).status_code == 403
    who(client, participant)
    client.post(url, {"text": "I doubt it."})
    who(client, None)
    page = text_of(client, page_of(decision))
    assert "edited" in page
    assert "Rubbish!" not in page
    assert "Rubbish!" in text_of(client, page_of(decision, "comment_history", comment.pk))


def test_the_secretary_removes_a_comment_with_a_reason_that_stands_in_its_place(
    client: Client, assembly: Assembly, member: Person, secretary: Person, participant: Person
) -> None:
    decision = make_decision(assembly, member)
    comment = talk.say(decision, by=participant, at=timezone.now(), text="A slur")
    talk.edit(comment, by=participant, at=timezone.now(), text="A worse slur")
    url = page_of(decision, "comment_remove", comment.pk)
    assert who(client, member).post(url, {"reason": "Rude"}).status_code == 403
    who(client, secretary)
    assert "Say why the comment is removed" in client.post(url, {"reason": " "}).content.decode()
    assert client.post(url, {"reason": "Against the code"}).status_code == 302
    assert client.post(url, {"reason": "Twice"}).status_code == 409
    assert who(client, participant).get(page_of(decision, "comment_edit", comment.pk)).status_code == 409
    who(client, None)
    for page in (page_of(decision), page_of(decision, "comment_history", comment.pk)):
        shown = text_of(client, page)
        assert "Sam Secretary" in shown
        assert "Against the code" in shown
        assert "slur" not in shown


def test_a_long_talk_comes_in_pages_and_an_answer_leads_to_its_own(
    client: Client, assembly: Assembly, member: Person
) -> None:
    decision = make_decision(assembly, member)
    start = timezone.now() - timedelta(minutes=50)
    for n in range(21):
        talk.say(decision, by=member, at=start + timedelta(minutes=n), text=f"Thought {n}")
    last = Comment.objects.get(text="Thought 20")
    who(client, member)
    response = client.post(page_of(decision, "comment_reply", last.pk), {"text": "Yes"})
    assert response["Location"].startswith(f"{page_of(decision)}?page=2#comment-")
    assert "Yes" in text_of(client, response["Location"].split("#")[0])
    assert "Thought 20" not in text_of(client, page_of(decision))


def test_a_stranger_says_nothing_and_a_withdrawn_matter_takes_no_more_talk(
    client: Client, assembly: Assembly, member: Person, outsider: Person
) -> None:
    decision = make_decision(assembly, member)
    url = page_of(decision, "comment_add")
    assert who(client, outsider).post(url, {"text": "Hello"}).status_code == 403
    proposals.withdraw(decision, by=member, at=timezone.now(), reason="Done")
    assert who(client, member).post(url, {"text": "Hello"}).status_code == 409
    assert not Comment.objects.exists()


# --- What is confidential -----------------------------------------------------------------------------
@pytest.mark.policy("D26")
def test_the_discussion_of_a_defection_is_for_members_of_the_deciding_assembly_alone(
    client: Client, assembly: Assembly, member: Person, participant: Person, outsider: Person
) -> None:
    decision = make_decision(assembly, member, title="Application 7", text="A secret text")
    comment = talk.say(decision, by=member, at=timezone.now(), text="I have my doubts")
    Decision.objects.filter(pk=decision.pk).update(kind=Decision.Kind.DEFECTION)
    private = [
        page_of(decision, "decision_history"),
        page_of(decision, "comment_history", comment.pk),
    ]
    for person in (participant, outsider, None):
        page = text_of(who(client, person), page_of(decision))
        assert "Application 7" in page
        assert "The whole way" in page
        for secret in ("A secret text", "I have my doubts", "Mary Member", "wrote a comment"):
            assert secret not in page
        for url in private:
            assert client.get(url).status_code == 403
    assert who(client, participant).post(page_of(decision, "comment_add"), {"text": "x"}).status_code == 403
    page = text_of(who(client, member), page_of(decision))
    assert "A secret text" in page
    assert "I have my doubts" in page
    assert client.get(private[0]).status_code == 200


# --- Robustness ---------------------------------------------------------------------------------------
def test_what_is_not_there_is_not_found(client: Client, assembly: Assembly, member: Person) -> None:
    decision, other = make_decision(assembly, member), make_decision(assembly, member, title="Other")
    comment = talk.say(other, by=member, at=timezone.now(), text="Elsewhere")
    who(client, member)
    for url in (
        reverse("decisions:decision_detail", args=[uuid.uuid4()]),
        reverse("decisions:decision_edit", args=[uuid.uuid4()]),
        page_of(decision, "comment_reply", comment.pk),
        page_of(decision, "comment_edit", comment.pk),
        page_of(decision, "task_report", uuid.uuid4()),
        page_of(decision, "call_detail", 1),
    ):
        assert client.get(url).status_code == 404, url


def test_every_change_is_made_by_post_alone(client: Client, assembly: Assembly, secretary: Person) -> None:
    decision = make_decision(assembly, secretary)
    who(client, secretary)
    before = Event.objects.count()
    for name, more in (
        ("call_confirm", (1,)),
        ("decision_withdraw", ()),
        ("decision_edit", ()),
        ("option_add", ()),
    ):
        assert client.get(page_of(decision, name, *more), {"text": "x", "title": "x"}).status_code == 200
    assert client.put(page_of(decision, "call_confirm", 1)).status_code == 405
    assert client.post(page_of(decision)).status_code == 405
    assert Event.objects.count() == before


# --- Queries ------------------------------------------------------------------------------------------
def grow(decision: Decision, assembly: Assembly, secretary: Person, n: int) -> None:
    """So many more comments with an answer, positions, options, calls and tasks."""
    now = timezone.now()
    people = make_members(assembly, n)
    call = decision.calls.last()
    assert call is not None
    for person in people:
        comment = talk.say(decision, by=person, at=now, text=f"From {person}")
        talk.say(decision, by=secretary, at=now, text="Thank you", answers=comment)
        Position.objects.create(call=call, person=person, stance="object", reason="No", taken_at=now)
        task = Task.objects.create(
            decision=decision, title="Dig", owner=person, due_on=now.date(), named_at=now, named_by=secretary
        )
        Report.objects.create(task=task, person=person, text="Dug", reported_at=now)
        events.record("decision.task_named", decision, at=now, by=person.pk, data={"task": str(task.pk)})


@pytest.mark.parametrize("role", ["secretary", "outsider", None])
def test_the_page_asks_as_much_of_the_database_for_many_rows_as_for_few(
    client: Client, assembly: Assembly, secretary: Person, outsider: Person, role: str | None
) -> None:
    decision = voted(assembly, secretary)
    who(client, {"secretary": secretary, "outsider": outsider}.get(role or ""))

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(page_of(decision)).status_code == 200
        return len(found)

    grow(decision, assembly, secretary, 3)
    few = queries()
    grow(decision, assembly, secretary, 15)
    assert queries() == few
    assert few <= 40
