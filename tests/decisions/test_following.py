"""Following a decision: by hand and by taking part, from its page, and the list of all that one follows."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly
from decisions import following
from decisions.models import Decision, Follow
from ledger.models import Event
from members.models import Person
from tests.decisions.climbing import called
from tests.factories import make_decision, make_members

pytestmark = pytest.mark.django_db


def logged_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def post(person: Person, name: str, decision: Decision, *more: Any, **data: str) -> Any:
    return logged_in(person).post(reverse(f"decisions:{name}", args=[decision.pk, *more]), data, follow=True)


def page(person: Person, decision: Decision) -> str:
    return logged_in(person).get(decision.get_absolute_url()).content.decode()


def confidential(decision: Decision) -> Decision:
    Decision.objects.filter(pk=decision.pk).update(kind=Decision.Kind.DEFECTION)
    decision.refresh_from_db()
    return decision


def test_anyone_with_an_account_follows_and_gives_it_up_from_the_page(
    assembly: Assembly, member: Person, outsider: Person
) -> None:
    decision = make_decision(assembly, member)
    assert "Follow this" in page(outsider, decision)
    shown = post(outsider, "decision_follow", decision).content.decode()
    assert "You follow this" in shown
    assert "Stop following" in shown
    assert following.is_followed(decision, outsider)
    assert "Follow this" in post(outsider, "decision_unfollow", decision).content.decode()
    assert not following.is_followed(decision, outsider)
    verbs = Event.objects.filter(subject_kind="decisions.follow").values_list("verb", "by")
    assert list(verbs) == [("follow.begun", outsider.pk), ("follow.ended", outsider.pk)]


def test_a_stranger_is_offered_no_button_and_sent_to_log_in(
    client: Client, assembly: Assembly, member: Person
) -> None:
    decision = make_decision(assembly, member)
    assert "Follow this" not in client.get(decision.get_absolute_url()).content.decode()
    response = client.post(reverse("decisions:decision_follow", args=[decision.pk]))
    assert response["Location"].startswith("/account/login/")
    assert logged_in(member).get(reverse("decisions:decision_follow", args=[decision.pk])).status_code == 405


def test_whoever_proposes_comments_calls_or_answers_follows(
    assembly: Assembly, secretary: Person, member: Person, participant: Person
) -> None:
    decision = make_decision(assembly, secretary, title="Benches")
    assert following.is_followed(decision, secretary)
    post(participant, "comment_add", decision, text="I like it.")
    assert following.is_followed(decision, participant)
    other = make_decision(assembly, member, title="Trees")
    call = called(other, secretary)
    assert following.is_followed(other, secretary)
    post(participant, "call_answer", other, 1, stance="agree")
    assert call.positions.filter(person=participant).exists()
    assert following.is_followed(other, participant)


def test_who_gave_it_up_by_hand_does_not_follow_by_taking_part_again(
    assembly: Assembly, member: Person, secretary: Person
) -> None:
    decision = make_decision(assembly, member)
    post(member, "decision_unfollow", decision)
    post(member, "comment_add", decision, text="One more thing.")
    called(decision, secretary)
    post(member, "call_answer", decision, 1, stance="agree")
    assert not following.is_followed(decision, member)
    post(member, "decision_follow", decision)
    assert following.is_followed(decision, member)
    assert Follow.objects.filter(person=member).count() == 1


def test_following_twice_or_giving_up_twice_changes_nothing(assembly: Assembly, member: Person) -> None:
    decision = make_decision(assembly, member)
    for name in ("decision_follow", "decision_follow", "decision_unfollow", "decision_unfollow"):
        assert post(member, name, decision).status_code == 200
    assert Event.objects.filter(subject_kind="decisions.follow").count() == 1


def test_a_confidential_matter_is_followed_by_its_members_alone(
    assembly: Assembly, member: Person, participant: Person, outsider: Person
) -> None:
    decision = confidential(make_decision(assembly, member))
    for person in (participant, outsider):
        assert "Follow this" not in page(person, decision)
        response = post(person, "decision_follow", decision)
        assert response.status_code == 403
        assert "Only members of the deciding assembly" in response.content.decode()
        assert not following.is_followed(decision, person)
    other = make_members(assembly, 1)[0]
    assert post(other, "decision_follow", decision).status_code == 200
    other.memberships.update(ended_at=timezone.now())
    assert "Stop following" in page(other, decision)
    post(other, "decision_unfollow", decision)
    assert not following.is_followed(decision, other)


def test_all_that_somebody_follows_stands_on_one_page(
    assembly: Assembly, member: Person, outsider: Person
) -> None:
    first, second, other = (make_decision(assembly, member, title=title) for title in ("One", "Two", "Three"))
    now = timezone.now()
    following.follow(first, outsider, at=now - timedelta(minutes=2))
    following.follow(second, outsider, at=now - timedelta(minutes=1))
    following.follow(other, outsider, at=now)
    following.unfollow(other, outsider, at=now)
    client = logged_in(outsider)
    url = reverse("decisions:following_list")
    assert url in client.get("/account/").content.decode()
    shown = client.get(url).content.decode()
    assert shown.index("Two") < shown.index("One")
    assert "Three" not in shown
    assert "Nothing yet." in logged_in(make_members(assembly, 1)[0]).get(url).content.decode()


def test_the_list_asks_as_much_of_the_database_for_many_as_for_two(
    assembly: Assembly, member: Person
) -> None:
    client = logged_in(member)
    url = reverse("decisions:following_list")

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(url).status_code == 200
        return len(found)

    for number in range(2):
        make_decision(assembly, member, title=f"Matter {number}")
    few = queries()
    for number in range(2, 15):
        make_decision(assembly, member, title=f"Matter {number}")
    assert queries() == few
