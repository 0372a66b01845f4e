"""A person's own pages, and people in the admin."""

from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from ledger.keyring import KeyringError
from ledger.models import Event
from members.models import Membership, Person, Suspension
from tests.factories import make_membership, make_person, make_suspension
from tests.login import is_logged_in, log_in, make_app, newest_code, newest_mail

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    cache.clear()


def account(client: Client) -> str:
    return " ".join(client.get(reverse("members:account_detail")).content.decode().split())


def test_the_account_says_who_somebody_is_here(client: Client, member: Person) -> None:
    log_in(client, member)
    page = account(client)
    assert member.email in page
    assert "You have been a member of the party since 1 January 2020." in page


def test_the_account_of_a_participant_says_that_they_have_no_vote(
    client: Client, participant: Person
) -> None:
    log_in(client, participant)
    assert "You are not a member of the party. You can take part, but not vote." in account(client)


def test_the_account_says_when_a_membership_lapses(client: Client) -> None:
    person = make_person()
    make_membership(person, lapses_at=datetime(2100, 5, 1, 12, tzinfo=UTC))
    log_in(client, person)
    assert "Your membership lapses on 1 May 2100 unless it is renewed." in account(client)


def test_the_account_says_when_a_membership_has_lapsed(client: Client) -> None:
    person = make_person()
    make_membership(person, lapses_at=timezone.now() - timedelta(days=1))
    log_in(client, person)
    assert "Your membership is not in force." in account(client)


def test_the_account_says_when_somebody_is_suspended(client: Client, member: Person) -> None:
    make_suspension(member, ends_at=datetime(2100, 5, 1, 12, tzinfo=UTC))
    log_in(client, member)
    assert "You are suspended until 1 May 2100" in account(client)


def test_people_change_their_name(client: Client, member: Person) -> None:
    log_in(client, member)
    page = reverse("members:name_change")
    empty = client.post(page, {"name": " "})
    assert "Enter your name" in empty.content.decode()
    assert "<title>Error: " in empty.content.decode()
    assert client.post(page, {"name": "Maria"})["Location"] == reverse("members:account_detail")
    member.refresh_from_db()
    assert member.name == "Maria"


def test_a_name_is_shown_as_text(client: Client) -> None:
    person = make_person("<script>alert(1)</script>")
    log_in(client, person)
    page = account(client)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def born(day: str, month: str, year: str, **more: str) -> dict[str, str]:
    return {"born_day": day, "born_month": month, "born_year": year, **more}


def test_a_date_of_birth_is_given_on_the_way_to_a_page_and_never_shown(
    client: Client, member: Person
) -> None:
    log_in(client, member)
    page = reverse("members:date_of_birth_change")
    assert 'value="/assemblies/"' in client.get(f"{page}?next=/assemblies/").content.decode()
    response = client.post(page, born("28", "March", "1978", next="/assemblies/"))
    assert response["Location"] == "/assemblies/"
    member.refresh_from_db()
    assert member.date_of_birth == date(1978, 3, 28)
    assert "1978" not in account(client)
    assert "1978" not in client.get(page).content.decode()
    client.post(reverse("members:date_of_birth_erase"))
    member.refresh_from_db()
    assert member.date_of_birth is None


@pytest.mark.parametrize(
    ("boxes", "message", "target"),
    [
        (("", "", ""), "Enter your date of birth", "id_born_0"),
        (("", "3", "1977"), "Your date of birth must include a day", "id_born_0"),
        (("27", "", "1977"), "Your date of birth must include a month", "id_born_1"),
        (("27", "3", ""), "Your date of birth must include a year", "id_born_2"),
        (("27", "", ""), "Your date of birth must include a month and year", "id_born_1"),
        (("27", "3", "77"), "The year must include 4 numbers", "id_born_2"),
        (("31", "2", "1977"), "Your date of birth must be a real date", "id_born_0"),
        (("32", "1", "1977"), "The day must be a number from 1 to 31", "id_born_0"),
        (("27", "13", "1977"), "The month must be a number from 1 to 12", "id_born_1"),
        (("27", "3", "2999"), "Your date of birth must be in the past", "id_born_0"),
        (("27", "3", "1800"), "Check the year of your birth", "id_born_2"),
    ],
)
def test_a_wrong_date_of_birth_is_explained_beside_the_box_that_is_wrong(
    client: Client, member: Person, boxes: tuple[str, str, str], message: str, target: str
) -> None:
    log_in(client, member)
    page = client.post(reverse("members:date_of_birth_change"), born(*boxes)).content.decode()
    assert f'<a href="#{target}">{message}</a>' in page
    assert f'id="{target}"' in page
    member.refresh_from_db()
    assert member.date_of_birth is None


def test_an_address_is_changed_by_a_code_sent_to_the_new_one(client: Client, member: Person) -> None:
    log_in(client, member)
    page = client.post(reverse("account_email"), {"email": "new@example.org", "action_add": ""})["Location"]
    member.refresh_from_db()
    assert member.email == "mary@example.org"
    done = client.post(page, {"code": newest_code("new@example.org")})
    assert done["Location"] == reverse("members:account_detail")
    member.refresh_from_db()
    assert member.email == "new@example.org"
    assert EmailAddress.objects.get(user=member).email == "new@example.org"
    assert "was changed from mary@example.org to new@example.org" in newest_mail("mary@example.org").text


def test_an_address_of_somebody_else_is_not_given_away(
    client: Client, member: Person, outsider: Person
) -> None:
    log_in(client, member)
    taken = client.post(reverse("account_email"), {"email": outsider.email, "action_add": ""})
    free = Client()
    log_in(free, outsider)
    unknown = free.post(reverse("account_email"), {"email": "free@example.org", "action_add": ""})
    assert (taken.status_code, taken["Location"]) == (unknown.status_code, unknown["Location"])
    refused = client.post(taken["Location"], {"code": newest_code(outsider.email)})
    assert refused.status_code == 200
    member.refresh_from_db()
    assert member.email == "mary@example.org"


def test_a_password_is_chosen_and_changed(client: Client, member: Person) -> None:
    log_in(client, member)
    weak = client.post(reverse("account_set_password"), {"password1": "password1234"})
    assert "too common" in weak.content.decode()
    set_to = client.post(reverse("account_set_password"), {"password1": "correct horse battery"})
    assert set_to["Location"] == reverse("members:account_detail")
    wrong = {"oldpassword": "not it", "password1": "another horse battery"}
    assert (
        "not your present password" in client.post(reverse("account_change_password"), wrong).content.decode()
    )
    right = {"oldpassword": "correct horse battery", "password1": "another horse battery"}
    assert client.post(reverse("account_change_password"), right).status_code == 302
    assert is_logged_in(client, member)
    member.refresh_from_db()
    assert member.check_password("another horse battery")


def test_an_authenticator_app_is_set_up_from_a_picture_in_the_page_and_its_secret_is_sealed(
    client: Client, member: Person
) -> None:
    log_in(client, member)
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    assert '<svg class="qr"' in page
    assert "data:" not in page
    assert "style=" not in page
    secret = make_app(member)
    assert secret not in str(Authenticator.objects.get().data)


def test_the_right_code_of_the_app_ends_the_log_in(client: Client, member: Person) -> None:
    secret = make_app(member)
    page = log_in(client, member)["Location"]
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    client.post(page, {"code": code})
    assert is_logged_in(client, member)


def test_an_app_s_secret_copied_to_another_account_opens_nothing_there(
    client: Client, member: Person, outsider: Person
) -> None:
    secret = make_app(outsider)
    make_app(member)
    copied = Authenticator.objects.get(user=outsider).data
    Authenticator.objects.filter(user=member).update(data=copied)
    page = log_in(client, member)["Location"]
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    with pytest.raises(KeyringError):
        client.post(page, {"code": code})
    assert not is_logged_in(client, member)


def test_a_second_step_is_asked_for_after_the_code(client: Client, member: Person) -> None:
    make_app(member)
    response = log_in(client, member)
    assert response["Location"].startswith(reverse("mfa_authenticate"))
    assert not is_logged_in(client, member)
    wrong = client.post(response["Location"], {"code": "000000"})
    assert "That is not the code" in wrong.content.decode()
    assert not is_logged_in(client, member)


# --- The admin --------------------------------------------------------------------------------------
@pytest.fixture
def registrar(db: None) -> Person:
    """Site staff who keep the members' register, and have no other rights."""
    person = make_person("Rita Registrar", email="rita@example.org", is_staff=True)
    names = ["membership", "suspension", "person"]
    verbs = ["view", "add", "change"]
    wanted = [f"{verb}_{name}" for name in names for verb in verbs]
    person.user_permissions.set(
        Permission.objects.filter(content_type__app_label="members", codename__in=wanted)
    )
    return person


ADMIN_PAGES = ["members_person", "members_membership", "members_suspension"]


@pytest.mark.parametrize("model", ADMIN_PAGES)
def test_the_register_is_for_staff_and_no_secretary_sees_it(
    client: Client, secretary: Person, registrar: Person, model: str
) -> None:
    url = reverse(f"admin:{model}_changelist")
    client.force_login(secretary)
    assert client.get(url).status_code == 403
    assert reverse("admin:members_person_changelist") not in client.get("/admin/").content.decode()
    client.force_login(registrar)
    assert client.get(url).status_code == 200


def test_permission_alone_opens_the_register_to_nobody_who_is_not_staff(
    client: Client, secretary: Person
) -> None:
    secretary.user_permissions.set(Permission.objects.filter(content_type__app_label="members"))
    client.force_login(secretary)
    assert client.get(reverse("admin:members_person_changelist")).status_code == 403


@pytest.mark.policy("P3")
def test_a_membership_entered_in_the_admin_makes_a_member_and_a_suspension_takes_the_vote(
    client: Client, participant: Person, registrar: Person
) -> None:
    now = timezone.now()
    client.force_login(registrar)
    data = {"person": str(participant.pk), "began_at": "2026-01-01T12:00:00"}
    added = client.post(reverse("admin:members_membership_add"), data)
    assert added.status_code == 302, added.content.decode()
    assert participant.is_member_at(now)
    client.post(reverse("admin:members_suspension_add"), {**data, "reason": "Under review."})
    assert not participant.is_member_at(now)
    verbs = set(Event.objects.filter(by=registrar.pk).values_list("verb", flat=True))
    assert verbs == {"membership.added", "suspension.added"}
    assert all("Under review" not in str(event.data) for event in Event.objects.all())


def test_nothing_in_the_register_is_deleted(client: Client, member: Person) -> None:
    boss = make_person(is_staff=True, is_superuser=True)
    make_suspension(member)
    client.force_login(boss)
    for page, row in [
        ("members_person", member),
        ("members_membership", Membership.objects.get()),
        ("members_suspension", Suspension.objects.get()),
    ]:
        assert client.post(reverse(f"admin:{page}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        row.refresh_from_db()


def test_the_admin_shows_no_password_and_no_date_of_birth(client: Client, member: Person) -> None:
    member.give_date_of_birth(date(1977, 3, 27), by=member, at=timezone.now())
    boss = make_person(is_staff=True, is_superuser=True)
    client.force_login(boss)
    page = client.get(reverse("admin:members_person_change", args=[member.pk])).content.decode()
    assert "1977" not in page
    assert "argon2" not in page
    assert 'name="password"' not in page
    assert 'name="email"' not in page


def test_staff_give_nobody_rights_that_they_do_not_have(
    client: Client, registrar: Person, outsider: Person
) -> None:
    boss = make_person(is_staff=True, is_superuser=True)
    client.force_login(registrar)
    data = {"name": "Olive", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    url = reverse("admin:members_person_change", args=[outsider.pk])
    assert client.post(url, data).status_code == 302
    outsider.refresh_from_db()
    assert outsider.name == "Olive"
    assert not outsider.is_staff
    assert not outsider.is_superuser
    url = reverse("admin:members_person_change", args=[boss.pk])
    assert client.post(url, data).status_code == 403


def test_a_membership_is_entered_in_london_time(
    client: Client, participant: Person, registrar: Person
) -> None:
    client.force_login(registrar)
    data = {"person": str(participant.pk), "began_at": "2026-07-01T12:00:00"}
    client.post(reverse("admin:members_membership_add"), data)
    assert participant.memberships.get().began_at == datetime(2026, 7, 1, 11, tzinfo=UTC)
    page = client.get(reverse("admin:members_person_change", args=[participant.pk])).content.decode()
    assert reverse("admin:members_membership_change", args=[participant.memberships.get().pk]) in page


def test_a_lost_second_step_is_taken_off_by_those_alone_who_have_all_rights(
    client: Client, member: Person, registrar: Person
) -> None:
    make_app(member)
    data = {"action": "remove_second_step", "_selected_action": [str(member.pk)]}
    url = reverse("admin:members_person_changelist")
    client.force_login(registrar)
    client.post(url, data)
    assert Authenticator.objects.filter(user=member).exists()
    client.force_login(make_person(is_staff=True, is_superuser=True))
    client.post(url, data)
    assert not Authenticator.objects.filter(user=member).exists()
    assert Event.objects.about(member).get().verb == "person.second_step_removed"


@pytest.mark.parametrize("model", ["account_emailaddress", "mfa_authenticator"])
def test_addresses_and_second_steps_have_no_page_in_the_admin(model: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:{model}_changelist")


def test_an_account_made_in_the_admin_is_entered_by_code(client: Client, registrar: Person) -> None:
    client.force_login(registrar)
    response = client.post(reverse("admin:members_person_add"), {"name": "New", "email": "New@Example.org"})
    assert response.status_code == 302
    person = Person.objects.get(email="new@example.org")
    assert not person.has_usable_password()
    other = Client()
    log_in(other, person)
    assert is_logged_in(other, person)
