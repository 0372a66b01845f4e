"""The public pages of ballots: the list, a ballot's own page, its result with its pictures, its votes, the rule."""

import re
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly
from ballots import account, pictures
from ballots.models import Ballot
from ballots.outcome import option_names
from harmony.clock import sweep
from members.models import Person
from tests.ballots.pages import client_of, page, told
from tests.factories import (
    cast_vote,
    count_ballot,
    end_now,
    make_assembly,
    make_ballot,
    make_members,
    make_open_ballot,
    make_person,
)

# Apples have most stars, Pears win the runoff: see the example on the page about STAR.
VOTES = [(5, 2, 0)] * 4 + [(3, 4, 1)] * 6 + [(4, 4, 5)]
LIST = "/ballots/"


def make_counted(
    assembly: Assembly, votes: list[tuple[int, ...]], options: list[str] | None = None, **fields: object
) -> Ballot:
    """A counted ballot with these votes; one more person is on the roll and has not voted."""
    people = make_members(assembly, len(votes) + 1)
    ballot = make_open_ballot(assembly, options or ["Apples", "Pears", "Plums"], **fields)
    for person, scores in zip(people, votes, strict=False):
        cast_vote(ballot, person, *scores)
    return count_ballot(ballot)


def result_of(ballot: Ballot) -> str:
    return Client().get(page("ballot_result", ballot)).content.decode()


# --- The result ---


@pytest.mark.policy("A10", "P10")
def test_the_public_sees_who_won_and_the_whole_account_of_why(assembly: Assembly) -> None:
    ballot = make_counted(assembly, VOTES)
    response = Client().get(page("ballot_result", ballot))
    words = unescape(told(response))
    assert "Pears won." in words
    for seat in account.sentences(ballot.outcome["rounds"], option_names(ballot.terms)):
        assert seat.title in words
        for sentence in seat.sentences:
            assert sentence in words
    assert "Apples has the higher total, but more votes prefer Pears." in words
    for needed in (
        "voted 11 on the roll 12 turnout 91.7%",
        "Apples 42 stars, 3.82 on average",
        "Pears winner 36 stars, 3.27 on average",
        "Pears 6 votes (54.5%)",
        "Equal Support 1 vote (9.1%)",
        "Apples 4 votes (36.4%)",
        ballot.result_digest,
        ballot.definition_digest,
        ballot.roll_digest,
        "decides nothing",
    ):
        assert needed in words, needed


def test_the_lengths_of_the_bars_are_the_numbers_on_one_scale(assembly: Assembly) -> None:
    text = result_of(make_counted(assembly, VOTES))
    lengths = re.findall(r'<rect class="bar(?: bar--winner)?" width="([\d.]+)" height="4"/>', text)
    assert lengths == ["76.364", "65.455", "20"]  # 42, 36, 11 of 55
    runoff = re.findall(r'<rect class="bar bar--(\w+)" x="([\d.]+)" width="([\d.]+)" height="10"/>', text)
    assert runoff == [
        ("first", "0", "54.545"),
        ("between", "54.545", "9.091"),
        ("second", "63.636", "36.364"),
    ]
    assert '<line class="half-line" x1="50" x2="50"' in text


def test_the_spread_and_the_head_to_head_table_show_every_number(assembly: Assembly) -> None:
    ballot = make_counted(assembly, VOTES)
    text = result_of(ballot)
    spreads = re.findall(r'<table class="spread">.*?<tbody>(.*?)</tbody>', text, re.DOTALL)
    by_total = ("1", "2", "3")
    numbers = [[int(n) for n in re.findall(r"<td>(\d+)<", body)] for body in spreads]
    assert numbers == [ballot.outcome["distribution"][key] for key in by_total]
    cells = re.findall(r'<td class="pair--shade-(\d)( pair--wins)?">(\d+)', text)
    assert [int(votes) for _, _, votes in cells] == [
        ballot.outcome["pairwise"][row][column] for row in by_total for column in by_total if row != column
    ]
    assert cells[0] == ("2", "", "4")  # 4 of 11 prefer Apples to Pears
    assert cells[2] == ("3", " pair--wins", "6")
    assert re.search(r'role="region" aria-labelledby="pairs" tabindex="0"', text)


def test_no_picture_is_drawn_with_a_style_or_a_script_and_each_has_its_numbers_in_words(
    assembly: Assembly,
) -> None:
    text = result_of(make_counted(assembly, VOTES))
    assert "style=" not in text
    assert all('aria-hidden="true"' in svg for svg in re.findall(r"<svg[^>]*>", text))
    assert "<text" not in text


@pytest.mark.policy("P8")
def test_two_people_are_elected_to_one_role_and_each_seat_has_its_own_account_and_runoff(
    assembly: Assembly,
) -> None:
    ballot = make_counted(assembly, VOTES, seats=2)
    response = Client().get(page("ballot_result", ballot))
    words = told(response)
    assert "Pears and Apples won, in this order." in words
    assert "Seat 1: Pears" in words
    assert "Seat 2: Apples" in words
    assert "wins seat 1" in words
    assert response.content.decode().count('<figure class="runoff">') == 2


def test_a_proportional_result_shows_the_weighted_sums_of_each_seat(assembly: Assembly) -> None:
    ballot = make_counted(assembly, [(5, 0, 2)] * 3 + [(5, 4, 0)] * 3, seats=2, method="star_pr")
    response = Client().get(page("ballot_result", ballot))
    words = told(response)
    assert "Seat 1: Apples" in words
    assert "Scores times the weight left to their votes" in words
    assert "<figure" not in response.content.decode()
    for seat in account.sentences(ballot.outcome["rounds"], option_names(ballot.terms)):
        assert all(sentence in unescape(words) for sentence in seat.sentences)


def test_by_lot_is_said_only_where_a_lot_decided_and_the_lot_order_is_there(assembly: Assembly) -> None:
    decided = make_counted(assembly, VOTES)
    assert "by lot" not in told(Client().get(page("ballot_result", decided)))
    level = make_counted(make_assembly(), [(3, 3, 3)] * 2)
    response = Client().get(page("ballot_result", level))
    assert "Tie broken by lot" in told(response)
    names = option_names(level.terms)
    listed = re.findall(r"<li>(Apples|Pears|Plums)</li>", response.content.decode())
    assert listed == [names[key] for key in level.terms["lot_order"]]


def test_without_votes_the_page_says_so_and_draws_nothing(assembly: Assembly) -> None:
    ballot = make_counted(assembly, [])
    response = Client().get(page("ballot_result", ballot))
    assert "Nobody voted" in told(response)
    assert 'class="bars' not in response.content.decode()
    assert "turnout 0.0%" in told(response)


def test_names_and_statements_that_carry_markup_are_shown_as_text(assembly: Assembly, member: Person) -> None:
    nasty = "<script>alert(1)</script>"
    ballot = make_ballot(
        assembly,
        [nasty, '"><img src=x>', "C"],
        question=f"Is it {nasty}?",
        explanation=nasty,
        opens_at=timezone.now(),
        announced_at=timezone.now(),
    )
    ballot.options.update(statement=f"{nasty} **bold** [x](javascript:alert(1))")
    opened = make_opened(ballot)
    client = client_of(member)
    addresses = [page("ballot_detail", opened), page("ballot_vote", opened), LIST]
    texts = [client.get(address).content.decode() for address in addresses]
    cast_vote(opened, member, 5, 4, 3)
    count_ballot(opened)
    texts += [client.get(page(name, opened)).content.decode() for name in ("ballot_detail", "ballot_result")]
    for text in texts:
        assert nasty not in text
        assert "<img" not in text
        assert 'href="javascript' not in text
    assert "<strong>bold</strong>" in texts[0]


def make_opened(ballot: Ballot) -> Ballot:
    sweep(timezone.now())
    ballot.refresh_from_db()
    assert ballot.opened_at
    return ballot


def test_after_the_count_each_voter_sees_how_they_are_recorded_and_nobody_else_does(
    assembly: Assembly, outsider: Person
) -> None:
    voter, sleeper = make_members(assembly, 2)
    ballot = make_open_ballot(assembly)
    cast_vote(ballot, voter, 5, 0, 0)
    count_ballot(ballot)
    sentences = {
        voter: "You are recorded as having voted.",
        sleeper: "You are recorded as not having voted.",
        outsider: "",
    }
    for person, expected in sentences.items():
        client = client_of(person)
        for name in ("ballot_result", "ballot_detail"):
            words = told(client.get(page(name, ballot)))
            found = [sentence for sentence in sentences.values() if sentence and sentence in words]
            assert found == ([expected] if expected else [])
    assert "recorded as" not in told(Client().get(page("ballot_result", ballot)))


# --- The votes and one's own ---


def test_a_voter_finds_their_vote_by_its_tracker_however_it_was_copied(assembly: Assembly) -> None:
    people = make_members(assembly, 10)
    ballot = make_open_ballot(assembly)
    trackers = [cast_vote(ballot, person, place % 6, 5, 1).tracker for place, person in enumerate(people)]
    count_ballot(ballot)
    own = trackers[3]
    client = Client()
    spellings = (
        own,
        own.lower(),
        own.replace("-", ""),
        f"  {own.replace('-', ' ')} ",
        own.replace("0", "O").replace("1", "l"),
    )
    for spelling in spellings:
        response = client.post(page("ballot_votes", ballot), {"tracker": spelling})
        assert "Your vote was counted like this" in told(response)
        notice = response.content.decode().partition('id="found"')[2].partition("</section>")[0]
        assert own in notice
        assert re.findall(r'score-chip">(\d)<', notice) == ["3", "5", "1"]
        assert response.wsgi_request.sensitive_post_parameters == "__ALL__"


@pytest.mark.parametrize("wrong", ["", "7", "0" * 26, "0" * 27, "U" * 26, "x" * 300, "<b>", "٣" * 26])
def test_a_tracker_that_is_none_or_not_there_is_answered_clearly(assembly: Assembly, wrong: str) -> None:
    ballot = make_counted(assembly, [(1, 2, 3)] * 10)
    response = Client().post(page("ballot_votes", ballot), {"tracker": wrong})
    assert response.status_code == 200
    words = told(response)
    assert "Your vote was counted like this" not in words
    expected = "No vote has this tracker" if wrong == "0" * 26 else "racker"
    assert expected in words
    assert ("There is a problem" in words) == (wrong != "0" * 26)


def test_a_tracker_in_an_address_finds_nothing(assembly: Assembly) -> None:
    ballot = make_counted(assembly, [(1, 2, 3)] * 10)
    tracker = ballot.votes.first().tracker
    assert "Your vote was counted" not in told(
        Client().get(page("ballot_votes", ballot), {"tracker": tracker})
    )


@pytest.mark.parametrize(("voters", "is_listed"), [(9, False), (10, True)])
def test_the_votes_are_listed_from_ten_on_and_below_it_says_why_not(
    assembly: Assembly, voters: int, is_listed: bool
) -> None:
    ballot = make_counted(assembly, [(5, 2, 0)] * voters)
    tracker = ballot.votes.first().tracker
    client = Client()
    pages = [
        client.get(page("ballot_result", ballot)),
        client.get(page("ballot_votes", ballot)),
        client.post(page("ballot_votes", ballot), {"tracker": tracker}),
    ]
    for response in pages:
        reason = "A list of so few votes would give people away"
        assert (reason in told(response)) == (not is_listed)
    assert (tracker in told(pages[1])) == is_listed
    assert ("Your vote was counted like this" in told(pages[2])) == is_listed
    assert (page("ballot_votes_csv", ballot) in pages[0].content.decode()) == is_listed
    if not is_listed:
        assert not any(tracker in response.content.decode() for response in pages)


def test_the_list_of_votes_is_in_order_of_tracker_page_by_page(assembly: Assembly) -> None:
    ballot = make_counted(assembly, [(place % 6, 0, 5) for place in range(60)])
    client = Client()
    seen: list[str] = []
    for number in (1, 2):
        response = client.get(page("ballot_votes", ballot), {"page": number})
        seen += re.findall(r'<th scope="row" class="digest">([0-9A-Z-]+)<', response.content.decode())
    assert seen == sorted(ballot.votes.values_list("tracker", flat=True))
    for odd in ("0", "99", "x", ""):
        assert client.get(page("ballot_votes", ballot), {"page": odd}).status_code == 200


# --- The ballot's own page ---


def test_the_page_of_an_open_ballot_has_its_terms_in_words_and_its_digests(
    assembly: Assembly, member: Person
) -> None:
    closes = timezone.now().replace(year=2030, month=7, day=4, hour=18, minute=30, second=0, microsecond=0)
    ballot = make_open_ballot(assembly, seats=2, explanation="It is *urgent*.", closes_at=closes)
    response = Client().get(page("ballot_detail", ballot))
    words = told(response)
    for needed in (
        "Which fruit?",
        assembly.name,
        "It is urgent .",
        "This vote is indicative: it shows what members think and decides nothing by itself.",
        "Thursday 4 July 2030 at 19:30 (London time)",
        "Bloc STAR",
        "Log in to vote",
        "has 1 person on it",
        ballot.definition_digest,
        ballot.roll_digest,
    ):
        assert needed in words, needed
    assert '<time datetime="2030-07-04T18:30:00Z">' in response.content.decode()
    names = option_names(ballot.terms)
    lots = re.findall(r"<li>(Apples|Pears|Plums)</li>", response.content.decode())
    assert lots == [names[key] for key in ballot.terms["lot_order"]]
    Ballot.objects.filter(pk=ballot.pk).update(standing="binding")
    assert "This ballot is binding: its result is the decision." in told(
        Client().get(page("ballot_detail", ballot))
    )


def test_what_is_shown_is_what_the_digest_was_made_of(assembly: Assembly, member: Person) -> None:
    ballot = make_open_ballot(assembly)
    Ballot.objects.filter(pk=ballot.pk).update(question="Another question?", explanation="Another.")
    ballot.options.filter(name="Apples").update(name="Oranges")
    client = client_of(member)
    for name in ("ballot_detail", "ballot_vote"):
        words = told(client.get(page(name, ballot)))
        assert "Which fruit?" in words
        assert "Apples" in words
        assert "Oranges" not in words


@pytest.mark.parametrize(
    ("state", "sentence"),
    [("closing", "Closed, being counted"), ("stopped", "the count was stopped"), ("counted", "Apples won.")],
)
def test_after_the_close_the_page_says_where_the_ballot_stands(
    assembly: Assembly, state: str, sentence: str
) -> None:
    people = make_members(assembly, 1)
    ballot = make_open_ballot(assembly)
    cast_vote(ballot, people[0], 5, 0, 0)
    end_now(ballot)
    if state == "stopped":
        Ballot.objects.filter(pk=ballot.pk).update(closed_at=timezone.now(), stopped_at=timezone.now())
    elif state == "counted":
        count_ballot(ballot)
    for client in (Client(), client_of(people[0])):
        words = told(client.get(page("ballot_detail", ballot)))
        assert sentence in words
        assert page("ballot_vote", ballot) not in words
        assert ("See the result" in words) == (state == "counted")


@pytest.mark.policy("P10")
def test_drafts_are_seen_by_those_who_set_them_up_and_opened_ballots_by_everybody(
    assembly: Assembly, member: Person, secretary: Person, participant: Person
) -> None:
    staff = make_person(is_staff=True, is_superuser=True)
    elsewhere = make_person()
    drafts = [
        make_ballot(assembly, question="A draft"),
        make_ballot(assembly, question="B", announced_at=timezone.now()),
    ]
    opened = make_open_ballot(assembly, question="Opened")
    clients: dict[str, Client] = {"public": Client()} | {
        name: client_of(person)
        for name, person in (
            ("member", member),
            ("participant", participant),
            ("elsewhere", elsewhere),
            ("secretary", secretary),
            ("staff", staff),
        )
    }
    for name, client in clients.items():
        sees = name in ("secretary", "staff")
        for draft in drafts:
            assert client.get(page("ballot_detail", draft)).status_code == (200 if sees else 404)
            assert (
                draft.question in re.findall(r"<h3[^>]*><a[^>]*>([^<]*)<", client.get(LIST).content.decode())
            ) == sees
            for closed in ("ballot_bundle", "ballot_votes_csv"):
                assert client.get(page(closed, draft)).status_code == 404
        assert client.get(page("ballot_detail", opened)).status_code == 200
        assert "Opened" in told(client.get(LIST))


# --- The list ---


def headings(response: object) -> list[str]:
    return re.findall(r"<h[23][^>]*>(?:<a[^>]*>)?([^<]+)<", response.content.decode())  # type: ignore[attr-defined]


@pytest.mark.policy("P10")
def test_the_list_has_open_ones_first_soonest_to_close_leading_then_the_past(assembly: Assembly) -> None:
    now = timezone.now()
    make_members(assembly, 1)
    counted = count_ballot(make_open_ballot(assembly, question="Counted"))
    make_open_ballot(assembly, question="Later", closes_at=now + timedelta(days=9))
    make_open_ballot(assembly, question="Soon", closes_at=now + timedelta(days=2))
    end_now(make_open_ballot(assembly, question="Closing"))
    response = Client().get(LIST)
    assert headings(response) == ["Open now", "Soon", "Later", "Closed", "Closing", "Counted"]
    assert "Nobody voted" in told(response)
    assert counted.get_absolute_url() in response.content.decode()


def test_the_list_tells_a_voter_where_they_can_vote_and_have_voted(
    assembly: Assembly, member: Person
) -> None:
    first, second = (
        make_open_ballot(assembly, question="First"),
        make_open_ballot(assembly, question="Second"),
    )
    cast_vote(first, member, 5, 0, 0)
    words = told(client_of(member).get(LIST))
    assert words.index("First") < words.index("you have voted")
    assert "you can vote" in words
    assert second.question in words
    assert "you can vote" not in told(Client().get(LIST))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("fruit", ["Which fruit?"]),
        ("FRUIT", ["Which fruit?"]),
        ("gardeners", ["Which tree?"]),
        ("together", ["Which fruit?"]),
        ("nothing like it", []),
        ("%", []),
        ("x" * 101, ["Which fruit?", "Which tree?"]),
        ("a\0b", ["Which fruit?", "Which tree?"]),
    ],
)
def test_the_list_is_searched_by_question_and_by_any_of_the_assemblies(
    assembly: Assembly, words: str, expected: list[str]
) -> None:
    make_members(assembly, 1)
    gardeners, joint = make_assembly("The Gardeners"), make_assembly("Held together")
    make_members(gardeners, 1)
    fruit = make_open_ballot(assembly)
    fruit.together_with.add(joint)
    make_open_ballot(gardeners, question="Which tree?")
    response = Client().get(LIST, {"q": words})
    assert response.status_code == 200
    assert [question for question in headings(response) if question.startswith("Which")] == expected


def test_the_list_is_paged_and_keeps_the_search(assembly: Assembly) -> None:
    make_members(assembly, 1)
    for number in range(23):
        make_open_ballot(assembly, question=f"Fruit & veg {number:02d}")
    client = Client()
    first, second = (client.get(LIST, {"q": "fruit &", "page": number}) for number in (1, 2))
    questions = [question for response in (first, second) for question in headings(response)[1:]]
    assert len(set(questions)) == len(questions) == 23
    assert 'href="?q=fruit+%26&amp;page=2"' in first.content.decode()


def count_queries(look: Callable[[], object]) -> int:
    look()
    with CaptureQueriesContext(connection) as queries:
        look()
    return len(queries)


def test_the_lists_take_no_more_queries_for_more_rows(assembly: Assembly, member: Person) -> None:
    client = client_of(member)

    def make_both(question: str) -> None:
        make_open_ballot(assembly, question=question).together_with.add(make_assembly())
        make_counted(assembly, [(5, 2, 0)], question=question)

    make_both("One")
    before = count_queries(lambda: client.get(LIST))
    for number in range(5):
        make_both(f"More {number}")
    assert count_queries(lambda: client.get(LIST)) == before


def test_the_list_of_votes_and_the_result_take_no_more_queries_for_more_votes_or_options(
    assembly: Assembly,
) -> None:
    few = make_counted(assembly, [(5, 2, 0)] * 10)
    many = make_counted(make_assembly(), [(5, 2, 0, 1, 1, 1, 1, 1)] * 60, [f"O{n}" for n in range(8)])
    client = Client()
    for name in ("ballot_votes", "ballot_result", "ballot_detail"):
        numbers = {count_queries(lambda b=ballot, n=name: client.get(page(n, b))) for ballot in (few, many)}
        assert len(numbers) == 1


# --- The rule, and the geometry alone ---


@pytest.mark.policy("A10")
def test_the_rule_is_told_in_plain_words_with_an_example_that_is_really_counted(db: None) -> None:
    response = Client().get(reverse("ballots:star_rule"))
    words = unescape(told(response))
    for needed in (
        "Picnic has the higher total, but more votes prefer Quiz night.",
        "Quiz night 6 votes (54.5%)",
        "Equal Support 1 vote (9.1%)",
        "the one with more fives goes on",
        "Bloc STAR",
        "Proportional STAR",
        "before the first vote",
    ):
        assert needed in words, needed


def test_bars_start_at_nought_and_share_a_scale() -> None:
    bars = pictures.score_bars({"a": 1, "b": 3, "c": Fraction(3, 2)}, 6)
    assert [(bar.key, bar.length) for bar in bars] == [("b", "50"), ("c", "25"), ("a", "16.667")]
    assert [bar.length for bar in pictures.score_bars({"a": 0}, 0)] == ["0"]


@pytest.mark.parametrize(
    "counts", [(0, 0, 0), (1, 0, 0), (0, 5, 0), (1, 1, 1), (333, 334, 333), (1, 0, 10**6)]
)
def test_the_segments_of_a_runoff_fill_the_bar_without_gap_or_overlap(counts: tuple[int, int, int]) -> None:
    drawn = pictures.runoff(*counts)
    segments = (drawn.first, drawn.between, drawn.second)
    end = 0.0
    for segment in segments:
        assert float(segment.start) == pytest.approx(end, abs=0.002)
        end = float(segment.start) + float(segment.length)
    assert end == pytest.approx(100 if any(counts) else 0, abs=0.002)


def test_the_columns_of_a_spread_stand_on_the_ground_and_grow_with_the_votes() -> None:
    columns = pictures.spread([0, 5, 10, 0, 0, 1], 20)
    assert [column.height for column in columns] == ["0", "5", "10", "0", "0", "1"]
    assert all(float(column.y) + float(column.height) == pictures.SPREAD_HEIGHT for column in columns)
    assert [column.x for column in columns] == ["1", "11", "21", "31", "41", "51"]
    assert all(column.height == "0" for column in pictures.spread([0] * 6, 0))


@pytest.mark.parametrize(
    ("votes", "turnout", "expected"),
    [
        (0, 10, 0),
        (1, 10, 1),
        (2, 10, 1),
        (3, 10, 2),
        (8, 10, 4),
        (9, 10, 5),
        (10, 10, 5),
        (0, 0, 0),
        (1, 10**6, 1),
    ],
)
def test_each_fifth_of_the_votes_has_a_shade(votes: int, turnout: int, expected: int) -> None:
    assert pictures.shade(votes, turnout) == expected
