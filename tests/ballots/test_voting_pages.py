"""Voting through the pages: form, check page, receipt, and every refusal."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly
from ballots import casting
from ballots.letters import voting_link
from ballots.models import Ballot
from harmony.clock import sweep
from ledger.models import Event, Message
from members.models import Person
from tests.ballots.pages import checked, client_of, fields, page, scores, told, tracker_in, voted
from tests.factories import (
    cast_vote,
    count_ballot,
    end_now,
    make_ballot,
    make_members,
    make_open_ballot,
    make_participation,
    make_person,
    make_suspension,
)
from tests.login import age_login, log_in

HOUR = 3600
VOTING_PAGES = ("ballot_vote", "ballot_check", "ballot_cast")


def is_untouched(ballot: Ballot) -> bool:
    """Whether nobody's vote lies in the ballot."""
    return not ballot.roll.exclude(envelope=None).exists()


def long_open(ballot: Ballot) -> Ballot:
    """The ballot as if it had been open for a day."""
    Ballot.objects.filter(pk=ballot.pk).update(opened_at=timezone.now() - timedelta(days=1))
    ballot.refresh_from_db()
    return ballot


# --- The way from the form to the receipt ---


@pytest.mark.policy("A10")
def test_a_member_votes_from_form_to_receipt_and_the_vote_is_counted(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    check = checked(client, ballot, 5, 3, 0)
    assert is_untouched(ballot)
    receipt = client.post(page("ballot_cast", ballot), fields(check, "/vote/cast/"))
    assert receipt.status_code == 200
    assert "Your vote is cast" in told(receipt)
    assert "You can change it until" in told(receipt)
    count_ballot(ballot)
    vote = ballot.votes.get()
    assert (vote.tracker, vote.scores) == (tracker_in(receipt), [5, 3, 0])


def test_the_form_has_six_radios_for_each_option_and_none_is_chosen(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly, ["Apples", "Pears"])
    text = client_of(member).get(page("ballot_vote", ballot)).content.decode()
    radios = re.findall(r'<input type="radio" name="(score-\d)" value="(\d)" id="([^"]+)"', text)
    assert sorted((name, value) for name, value, _ in radios) == [
        (f"score-{key}", str(score)) for key in (1, 2) for score in range(6)
    ]
    assert all(f'<label for="{name}">' in text for _, _, name in radios)
    assert text.count("<fieldset") == text.count("<legend") == 2
    assert " checked" not in text
    assert '5<span class="visually-hidden"> out of 5 for Apples</span>' in text


def test_each_voter_has_an_order_of_their_own_the_same_on_every_page_with_what_stays_last_at_the_end(
    assembly: Assembly,
) -> None:
    names = [f"Option {letter}" for letter in "ABCDEFGH"]
    people = make_members(assembly, 4)
    ballot = make_open_ballot(assembly, names)
    ballot.options.filter(name="Option C").update(stays_last=True)
    orders = set()
    for person in people:
        client = client_of(person)
        pages = [
            client.get(page("ballot_vote", ballot)),
            client.get(page("ballot_vote", ballot)),
            client.get(page("ballot_detail", ballot)),
            checked(client, ballot, *range(6), 0, 1),
        ]
        seen = {
            tuple(re.findall(r"<(?:legend|h3|dt)[^>]*>(Option \w)<", shown.content.decode()))
            for shown in pages
        }
        (order,) = seen
        assert sorted(order) == names
        assert order[-1] == "Option C"
        orders.add(order)
    assert len(orders) > 1


def test_what_is_left_blank_is_shown_as_0_left_blank_and_counts_0(assembly: Assembly, member: Person) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    check = checked(client, ballot, 4, None, 0)
    assert told(check).count("(left blank)") == 1
    assert "Pears 0 (left blank)" in told(check)
    client.post(page("ballot_cast", ballot), fields(check, "/vote/cast/"))
    count_ballot(ballot)
    assert ballot.votes.get().scores == [4, 0, 0]


def test_an_all_blank_form_is_a_vote_once_the_voter_has_seen_what_it_means(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly)
    check = checked(client := client_of(member), ballot, None, None, None)
    assert told(check).count("(left blank)") == 3
    assert client.post(page("ballot_cast", ballot), fields(check, "/vote/cast/")).status_code == 200
    assert count_ballot(ballot).outcome["turnout"] == 1


def test_change_goes_back_to_the_form_with_the_scores_kept_and_the_blanks_blank(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    back = fields(checked(client, ballot, 4, None, 0), "/vote/")
    form = client.post(page("ballot_vote", ballot), back)
    kept = {name: value for name, value in fields(form, "/vote/check/").items() if name.startswith("score")}
    assert kept == {"score-1": "4", "score-3": "0"}
    assert is_untouched(ballot)


@pytest.mark.parametrize(
    ("given", "note"),
    [
        ((3, 3, 3), "no effect on who wins"),
        ((None, None, None), "no effect on who wins"),
        ((5, 5, 5), "no effect on who wins"),
        ((4, 0, 0), "Nobody got 5"),
        ((5, 0, 0), ""),
    ],
)
def test_the_check_page_gives_soft_notes_that_block_nothing(
    assembly: Assembly, member: Person, given: tuple, note: str
) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    check = checked(client, ballot, *given)
    notes = [words for words in ("no effect on who wins", "Nobody got 5") if words in told(check)]
    assert notes == ([note] if note else [])
    assert client.post(page("ballot_cast", ballot), fields(check, "/vote/cast/")).status_code == 200


def test_the_length_of_an_answer_does_not_tell_the_scores(assembly: Assembly, member: Person) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    lengths = {
        len(checked(client, ballot, *given).content)
        for given in ((5, 3, 0), (0, 0, 0), (None, None, 4), (1, 2, 3))
    }
    assert len(lengths) == 1
    assert lengths.pop() % (16 * 1024) == 0


def test_a_second_vote_replaces_the_first_and_the_pages_say_so(assembly: Assembly, member: Person) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    first = voted(client, ballot, 5, 0, 0)
    detail = told(client.get(page("ballot_detail", ballot)))
    assert "You have voted" in detail
    assert "You can change it until" in detail
    assert "what you cast now replaces it" in told(client.get(page("ballot_vote", ballot)))
    assert "replaces the vote that you cast before" in told(checked(client, ballot, 0, 0, 5))
    second = voted(client, ballot, 0, 0, 5)
    assert tracker_in(first) != tracker_in(second)
    count_ballot(ballot)
    assert (ballot.votes.get().tracker, ballot.votes.get().scores) == (tracker_in(second), [0, 0, 5])


def test_the_same_form_sent_twice_shows_the_same_receipt_and_says_so(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    form = fields(checked(client, ballot, 1, 2, 3), "/vote/cast/")
    first = client.post(page("ballot_cast", ballot), form)
    before = bytes(ballot.roll.get().envelope or b"")
    again = client.post(page("ballot_cast", ballot), form)
    assert "This same form came before; nothing was changed" in told(again)
    assert "This same form came before" not in told(first)
    assert tracker_in(again) == tracker_in(first)
    assert bytes(ballot.roll.get().envelope or b"") == before


def test_the_voting_page_says_in_words_what_is_promised_and_what_is_not(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    for name in ("ballot_vote", "ballot_detail"):
        words = told(client.get(page(name, ballot)))
        for promise in (
            "nobody, staff and secretaries included, can see how you voted;",
            "nobody can see any count before the close;",
            "you may change your vote until the close;",
            "after it anybody can recount.",
            "someone who controls the running server and its keys during the vote could look.",
            "decides nothing",
        ):
            assert promise in words


# --- Nothing is kept ---


def test_between_form_and_receipt_nothing_is_written_but_the_envelope(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    form = client.get(page("ballot_vote", ballot))
    session, events, letters = dict(client.session), Event.objects.count(), Message.objects.count()
    sent = {**fields(form, "/vote/check/"), **scores(5, 4, 1)}
    check = client.post(page("ballot_check", ballot), sent)
    assert is_untouched(ballot)
    receipt = client.post(page("ballot_cast", ballot), fields(check, "/vote/cast/"))
    assert dict(client.session) == session
    assert (Event.objects.count(), Message.objects.count()) == (events, letters)
    for response in (form, check, receipt):
        assert "no-store" in response["Cache-Control"]
    for response in (check, receipt):
        assert response.wsgi_request.sensitive_post_parameters == "__ALL__"
        assert not response.wsgi_request.GET


def test_scores_sent_in_an_address_are_not_taken(assembly: Assembly, member: Person) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    form = fields(checked(client, ballot, 5, 0, 0), "/vote/cast/")
    for name in ("ballot_check", "ballot_cast"):
        response = client.get(page(name, ballot), form)
        assert response.status_code == 302
        assert response["Location"] == page("ballot_vote", ballot)
    assert is_untouched(ballot)


def test_a_form_from_another_site_is_refused(assembly: Assembly, member: Person) -> None:
    ballot = make_open_ballot(assembly)
    client = Client(enforce_csrf_checks=True)
    client.cookies = client_of(member).cookies
    form = casting.prepare(casting.entry_for(ballot, member))
    answer = client.post(page("ballot_cast", ballot), {**scores(5, 0, 0), "prepared": form})
    assert answer.status_code == 403
    assert is_untouched(ballot)


# --- Malformed: refused whole ---

BROKEN = [
    {"score-1": "6"},
    {"score-1": "-1"},
    {"score-1": "2.5"},
    {"score-1": "true"},
    {"score-1": "5 "},
    {"score-1": " 5"},
    {"score-1": "05"},
    {"score-1": "+5"},
    {"score-1": "٥"},
    {"score-1": "None"},
    {"score-1": ""},
    {"score-1": "5\0"},
    {"score-1": ["5", "5"]},
    {"score-1": ["5", "0"]},
    {"score-4": "5"},
    {"score-01": "5"},
    {"score-": "5"},
    {"score-Apples": "5"},
    {"scores": "5"},
    {"1": "5"},
]


@pytest.mark.parametrize("broken", BROKEN, ids=repr)
@pytest.mark.parametrize("name", VOTING_PAGES)
def test_malformed_scores_are_refused_whole_on_every_step(
    assembly: Assembly, member: Person, name: str, broken: dict
) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    good = fields(checked(client, ballot, 1, 2, 3), "/vote/cast/")
    answer = client.post(page(name, ballot), {**good, **broken})
    assert answer.status_code == 400
    assert "These scores cannot be counted" in told(answer)
    assert is_untouched(ballot)


@pytest.mark.parametrize("missing", ["score-1", "score-3"])
def test_a_score_missing_when_casting_is_refused_and_never_taken_for_a_0(
    assembly: Assembly, member: Person, missing: str
) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    form = fields(checked(client, ballot, 1, 2, 3), "/vote/cast/")
    del form[missing]
    answer = client.post(page("ballot_cast", ballot), form)
    assert answer.status_code == 400
    assert "Nothing was recorded" in told(answer)
    assert is_untouched(ballot)


def test_a_damaged_or_borrowed_form_is_refused(assembly: Assembly, member: Person) -> None:
    other = make_members(assembly, 1)[0]
    ballot, elsewhere = make_open_ballot(assembly), make_open_ballot(assembly, question="Another")
    client = client_of(member)
    good = fields(checked(client, ballot, 1, 2, 3), "/vote/cast/")
    borrowed = [
        fields(checked(client_of(other), ballot, 1, 2, 3), "/vote/cast/")["prepared"],
        fields(checked(client, elsewhere, 1, 2, 3), "/vote/cast/")["prepared"],
        good["prepared"][:-1],
        good["admission"],
        "",
        "nonsense",
    ]
    for prepared in borrowed:
        answer = client.post(page("ballot_cast", ballot), {**good, "prepared": prepared})
        assert answer.status_code == 400
        assert "damaged or was made for another ballot" in told(answer)
    del good["prepared"]
    assert client.post(page("ballot_cast", ballot), good).status_code == 400
    assert is_untouched(ballot)


def test_an_old_page_cannot_undo_a_newer_vote(assembly: Assembly, member: Person) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    old = fields(checked(client, ballot, 5, 0, 0), "/vote/cast/")
    voted(client, ballot, 0, 0, 5)
    answer = client.post(page("ballot_cast", ballot), old)
    assert answer.status_code == 409
    assert "voted from another page" in told(answer)
    count_ballot(ballot)
    assert ballot.votes.get().scores == [0, 0, 5]


# --- The wrong person ---


@pytest.mark.policy("A2", "A3", "D23")
@pytest.mark.parametrize(
    "who", ["participant", "outsider", "staff", "superuser", "late_member", "other_assembly"]
)
def test_who_is_not_on_the_roll_cannot_vote_whatever_they_send(
    assembly: Assembly, member: Person, participant: Person, outsider: Person, who: str
) -> None:
    ballot = make_open_ballot(assembly)
    elsewhere = make_members(
        other := Assembly.objects.create(
            name="Other", slug="other", kind="society", formed_at=assembly.formed_at
        ),
        1,
    )[0]
    assert other.pk
    person = {
        "participant": participant,
        "outsider": outsider,
        "staff": make_person(is_staff=True),
        "superuser": make_person(is_staff=True, is_superuser=True),
        "late_member": make_members(assembly, 1)[0],
        "other_assembly": elsewhere,
    }[who]
    stolen = fields(checked(client_of(member), ballot, 5, 0, 0), "/vote/cast/")
    client = client_of(person)
    answers = [client.get(page("ballot_vote", ballot))]
    answers += [client.post(page(name, ballot), stolen) for name in VOTING_PAGES]
    for answer in answers:
        assert answer.status_code == 403
        assert "You are not on the roll of this ballot" in told(answer)
        assert 'type="radio"' not in answer.content.decode()
    assert is_untouched(ballot)
    assert "You are not on the roll" in told(client.get(page("ballot_detail", ballot)))


@pytest.mark.policy("A3")
def test_nobody_votes_without_a_login(assembly: Assembly, member: Person) -> None:
    ballot = make_open_ballot(assembly)
    stolen = fields(checked(client_of(member), ballot, 5, 0, 0), "/vote/cast/")
    nobody = Client()
    for name in VOTING_PAGES:
        shown = nobody.get(page(name, ballot))
        assert shown.status_code == 302
        assert shown["Location"].startswith(reverse("account_login"))
        sent = nobody.post(page(name, ballot), stolen)
        assert sent.status_code == 403
        assert "You have been logged out" in told(sent)
        assert "Nothing was recorded" in told(sent)
        assert "not stored anywhere" in told(sent)
        assert "no-store" in sent["Cache-Control"]
    assert is_untouched(ballot)


def test_a_secretary_votes_as_any_member_and_sees_no_more(assembly: Assembly, secretary: Person) -> None:
    ballot = make_open_ballot(assembly)
    assert voted(client_of(secretary), ballot, 5, 0, 0).status_code == 200


@pytest.mark.policy("P3")
def test_a_suspended_member_is_refused_until_the_suspension_ends(assembly: Assembly, member: Person) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    form = fields(checked(client, ballot, 5, 0, 0), "/vote/cast/")
    suspension = make_suspension(member)
    answers = [client.get(page("ballot_vote", ballot))]
    answers += [client.post(page(name, ballot), form) for name in VOTING_PAGES]
    for answer in answers:
        assert answer.status_code == 403
        assert "suspended" in told(answer)
    assert "your membership is suspended" in told(client.get(page("ballot_detail", ballot)))
    assert is_untouched(ballot)
    suspension.ends_at = timezone.now()
    suspension.save()
    assert client.post(page("ballot_cast", ballot), form).status_code == 200


def test_the_page_tells_a_voter_why_they_are_on_the_roll_and_under_which_number(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly)
    words = told(client_of(member).get(page("ballot_detail", ballot)))
    assert ballot.roll.get().reason in words
    assert str(ballot.roll.get().pk) in words
    strangers = told(Client().get(page("ballot_detail", ballot)))
    assert str(ballot.roll.get().pk) not in strangers
    assert "Log in to see whether you are on the roll" in strangers


# --- The wrong moment: [opens, closes) at the database's clock ---


def test_before_the_opening_nobody_can_vote_and_only_those_who_set_it_up_see_it(
    assembly: Assembly, member: Person, secretary: Person
) -> None:
    ballot = make_ballot(assembly, announced_at=timezone.now())
    for person, status in ((member, 404), (secretary, 409)):
        client = client_of(person)
        assert client.get(page("ballot_vote", ballot)).status_code == status
        for name in VOTING_PAGES:
            assert client.post(page(name, ballot), scores(5, 0, 0)).status_code == status
    assert not ballot.roll.exists()


def test_a_vote_is_taken_from_the_opening_on_until_just_before_the_close(
    assembly: Assembly, member: Person
) -> None:
    now = timezone.now()
    ballot = make_ballot(assembly, opens_at=now, announced_at=now)
    client = client_of(member)
    assert client.get(page("ballot_vote", ballot)).status_code == 404
    sweep(now)
    assert voted(client, ballot, 5, 0, 0).status_code == 200
    form = fields(checked(client, ballot, 0, 5, 0), "/vote/cast/")
    Ballot.objects.filter(pk=ballot.pk).update(closes_at=timezone.now() + timedelta(seconds=5))
    assert client.post(page("ballot_cast", ballot), form).status_code == 200


@pytest.mark.parametrize("state", ["at the close", "closed", "counted", "stopped"])
def test_at_the_close_and_after_every_step_is_refused_and_the_vote_that_stands_stays(
    assembly: Assembly, member: Person, state: str
) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    voted(client, ballot, 5, 0, 0)
    late = fields(checked(client, ballot, 0, 0, 5), "/vote/cast/")
    end_now(ballot)
    if state == "closed":
        Ballot.objects.filter(pk=ballot.pk).update(closed_at=timezone.now())
    elif state == "counted":
        count_ballot(ballot)
    elif state == "stopped":
        Ballot.objects.filter(pk=ballot.pk).update(closed_at=timezone.now(), stopped_at=timezone.now())
    for name in VOTING_PAGES:
        answer = client.post(page(name, ballot), late)
        assert answer.status_code == 410
        assert "came too late and were not recorded" in told(answer)
    looked = client.get(page("ballot_vote", ballot))
    assert looked.status_code == 410
    assert "Voting ended" in told(looked)
    assert ("See the result" in told(looked)) == (state == "counted")
    if state != "stopped":
        sweep(timezone.now())
        assert ballot.votes.get().scores == [5, 0, 0]


def test_a_form_prepared_before_the_close_and_sent_again_after_it_changes_nothing(
    assembly: Assembly, member: Person
) -> None:
    """By then the receipt cannot be asked for again: the vote itself stands, and the answer says so."""
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    form = fields(checked(client, ballot, 5, 0, 0), "/vote/cast/")
    client.post(page("ballot_cast", ballot), form)
    end_now(ballot)
    answer = client.post(page("ballot_cast", ballot), form)
    assert answer.status_code == 410
    assert "If you voted before the close, that vote stands" in told(answer)


# --- A fresh login, or the voter's own link ---


@pytest.mark.parametrize(("age", "lets_in"), [(0, True), (HOUR - 5, True), (HOUR, False), (5 * HOUR, False)])
def test_the_form_needs_a_login_of_the_last_hour(
    assembly: Assembly, member: Person, age: int, lets_in: bool
) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    age_login(client, age)
    answer = client.get(page("ballot_vote", ballot))
    if lets_in:
        assert answer.status_code == 200
    else:
        where = urlsplit(answer["Location"])
        assert where.path == reverse("members:log_in_again")
        assert parse_qs(where.query)["next"] == [page("ballot_vote", ballot)]


@pytest.mark.parametrize("minutes", [1, 29])
def test_a_form_that_was_opened_in_time_can_be_sent_for_half_an_hour_more(
    assembly: Assembly, member: Person, minutes: int
) -> None:
    ballot = long_open(make_open_ballot(assembly))
    client = client_of(member)
    with time_machine.travel(timezone.now() - timedelta(minutes=minutes)):
        form = fields(client.get(page("ballot_vote", ballot)), "/vote/check/")
    age_login(client, HOUR + 60)
    check = client.post(page("ballot_check", ballot), {**form, **scores(5, 0, 0)})
    assert check.status_code == 200
    assert client.post(page("ballot_cast", ballot), fields(check, "/vote/cast/")).status_code == 200


def test_after_that_it_is_refused_with_the_scores_kept_on_the_page_to_carry_on_with(
    assembly: Assembly, member: Person
) -> None:
    ballot = long_open(make_open_ballot(assembly))
    client = client_of(member)
    with time_machine.travel(timezone.now() - timedelta(minutes=31)):
        form = fields(checked(client, ballot, 5, 0, 0), "/vote/cast/")
    age_login(client, HOUR + 60)
    session = dict(client.session)
    refused = client.post(page("ballot_cast", ballot), form)
    assert refused.status_code == 403
    assert "Log in again" in told(refused)
    assert "not stored anywhere" in told(refused)
    assert is_untouched(ballot)
    assert dict(client.session) == session
    kept = fields(refused, "/vote/cast/")
    assert kept == {**form, "csrfmiddlewaretoken": kept["csrfmiddlewaretoken"]}
    assert client.post(page("ballot_cast", ballot), kept).status_code == 403
    age_login(client, 0)
    assert client.post(page("ballot_cast", ballot), kept).status_code == 200
    count_ballot(ballot)
    assert ballot.votes.get().scores == [5, 0, 0]


def test_an_admission_is_for_one_voter_and_cannot_be_made_up(assembly: Assembly, member: Person) -> None:
    other = make_members(assembly, 1)[0]
    ballot = make_open_ballot(assembly)
    theirs = fields(client_of(other).get(page("ballot_vote", ballot)), "/vote/check/")["admission"]
    client = client_of(member)
    age_login(client, 2 * HOUR)
    for admission in (theirs, "", "made up", theirs[:-1]):
        answer = client.post(page("ballot_check", ballot), {**scores(5, 0, 0), "admission": admission})
        assert answer.status_code == 403


def test_the_emailed_link_lets_its_voter_in_after_an_old_login_and_leaves_the_address(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly)
    client = client_of(member)
    age_login(client, 5 * HOUR)
    link = urlsplit(voting_link(ballot, ballot.roll.get()))
    followed = client.get(f"{link.path}?{link.query}")
    assert followed.status_code == 302
    assert followed["Location"] == page("ballot_vote", ballot)
    assert voted(client, ballot, 5, 0, 0).status_code == 200
    other = make_open_ballot(assembly, question="Another")
    assert client.get(page("ballot_vote", other)).status_code == 302


def test_the_link_wears_out_after_an_hour_and_can_be_followed_again(
    assembly: Assembly, member: Person
) -> None:
    ballot = long_open(make_open_ballot(assembly))
    client = client_of(member)
    link = urlsplit(voting_link(ballot, ballot.roll.get()))
    with time_machine.travel(timezone.now() - timedelta(seconds=HOUR + 1)):
        client.get(f"{link.path}?{link.query}")
    age_login(client, 5 * HOUR)
    assert client.get(page("ballot_vote", ballot)).status_code == 302
    client.get(f"{link.path}?{link.query}")
    assert client.get(page("ballot_vote", ballot)).status_code == 200


def test_the_link_alone_lets_nobody_in(assembly: Assembly, member: Person) -> None:
    ballot = make_open_ballot(assembly)
    link = urlsplit(voting_link(ballot, ballot.roll.get()))
    nobody = Client()
    answer = nobody.get(f"{link.path}?{link.query}")
    assert answer["Location"].startswith(reverse("account_login"))
    assert nobody.get(page("ballot_vote", ballot)).status_code == 302
    back = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
    landed = log_in(nobody, member, back.replace("?", "%3F"))
    assert landed["Location"] == back
    assert nobody.get(back)["Location"] == page("ballot_vote", ballot)


@pytest.mark.policy("A3")
def test_another_voters_link_a_damaged_one_and_one_of_another_ballot_are_refused(
    assembly: Assembly, member: Person, participant: Person
) -> None:
    other = make_members(assembly, 1)[0]
    ballot, elsewhere = make_open_ballot(assembly), make_open_ballot(assembly, question="Another")
    theirs = voting_link(ballot, ballot.roll.get(person=other)).partition("link=")[2]
    of_the_other_ballot = voting_link(elsewhere, elsewhere.roll.get(person=member)).partition("link=")[2]
    client = client_of(member)
    for link in (theirs, theirs[:-1], of_the_other_ballot, "", "nonsense"):
        answer = client.get(page("ballot_vote", ballot), {"link": link})
        assert answer.status_code == 403
        assert "This link" in told(answer)
        assert member.email in told(answer)
    age_login(client, 5 * HOUR)
    assert client.get(page("ballot_vote", ballot)).status_code == 302
    answer = client_of(participant).get(page("ballot_vote", ballot), {"link": theirs})
    assert answer.status_code == 403


# --- While it is open nothing can be seen ---


@pytest.mark.parametrize("who", ["public", "member", "secretary", "superuser"])
def test_while_a_ballot_is_open_no_page_changes_when_others_vote(
    assembly: Assembly, member: Person, secretary: Person, who: str
) -> None:
    people = make_members(assembly, 12)
    ballot = make_open_ballot(assembly)
    boss = make_person(is_staff=True, is_superuser=True)
    client = {
        "public": Client,
        "member": lambda: client_of(member),
        "secretary": lambda: client_of(secretary),
        "superuser": lambda: client_of(boss),
    }[who]()
    addresses = [page("ballot_detail", ballot), reverse("ballots:ballot_list")]
    [client.get(address) for address in addresses]
    before = [told(client.get(address)) for address in addresses]
    for person in people:
        cast_vote(ballot, person, 5, 0, 0)
    assert [told(client.get(address)) for address in addresses] == before
    for name in ("ballot_result", "ballot_votes"):
        assert client.get(page(name, ballot))["Location"] == page("ballot_detail", ballot)
        assert client.post(page(name, ballot), {"tracker": "0" * 26})["Location"] == page(
            "ballot_detail", ballot
        )
    for name in ("ballot_bundle", "ballot_votes_csv"):
        assert client.get(page(name, ballot)).status_code == 404


def test_a_joint_ballot_takes_one_vote_from_somebody_in_both_assemblies(
    assembly: Assembly, member: Person
) -> None:
    now = timezone.now()
    second = Assembly.objects.create(
        name="Second", slug="second", kind="society", formed_at=assembly.formed_at
    )
    make_participation(member, second)
    ballot = make_ballot(assembly, opens_at=now, announced_at=now)
    ballot.together_with.add(second)
    sweep(now)
    client = client_of(member)
    assert "Second" in told(client.get(page("ballot_detail", ballot)))
    voted(client, ballot, 1, 2, 3)
    voted(client, ballot, 3, 2, 1)
    count_ballot(ballot)
    assert [vote.scores for vote in ballot.votes.all()] == [[3, 2, 1]]
