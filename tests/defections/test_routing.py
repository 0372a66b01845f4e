"""Where a released application goes, and how it moves (D11, D18)."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly, Duty, Kind
from decisions import gatherings, matter
from decisions.entitlement import may_facilitate
from decisions.models import Gathering
from defections import copies, routing
from defections.errors import NotCleared, WrongMoment
from defections.models import Application, Routing, SocietyTerms
from defections.stages import Stage, stage_of
from harmony.clock import sweep
from ledger.models import Event, Message
from members.models import Person
from tests import factories
from tests.defections.desk_walk import address, client_of, text_of
from tests.defections.making import make_application, make_volunteer
from tests.defections.researching import fresh, make_terms, prepare, release, verify

pytestmark = pytest.mark.django_db
Reason = Routing.Reason


@pytest.fixture
def region() -> Assembly:
    return factories.make_assembly("South West Regional Society", kind=Kind.REGION, place="South West")


@pytest.fixture
def city(region: Assembly) -> Assembly:
    return factories.make_assembly("Bath City Society", kind=Kind.CITY, place="Bath", within=region)


@pytest.fixture
def home(city: Assembly) -> Assembly:
    return factories.make_assembly(
        "Bath Constituency Society", kind=Kind.CONSTITUENCY, place="Bath", within=city
    )


@pytest.fixture
def elections() -> Assembly:
    assembly = factories.make_assembly("Society for Elections")
    factories.make_duty(assembly, Duty.Name.ELECTIONS)
    return assembly


@pytest.fixture
def application(home: Assembly) -> Application:
    return make_application(constituency=home)


def secretary_of(assembly: Assembly) -> Person:
    person = factories.make_member(f"Secretary of the {assembly.name}")
    factories.make_participation(person, assembly)
    factories.make_term(person, assembly)
    return person


def where(application: Application) -> tuple[Assembly, str] | None:
    found = routing.current(fresh(application))
    return (found.assembly, found.reason) if found else None


# --- Choosing -----------------------------------------------------------------------------------------
@pytest.mark.policy("D18", "D19")
@pytest.mark.parametrize(
    ("deciding", "chosen", "reason"),
    [
        (("home", "city", "region"), "home", Reason.LOCAL),
        (("city", "region"), "city", Reason.CITY),
        (("region",), "region", Reason.REGION),
        ((), "elections", Reason.ELECTIONS),
    ],
)
def test_a_case_goes_to_the_nearest_assembly_that_can_decide(
    application: Application,
    home: Assembly,
    elections: Assembly,
    *,
    deciding: tuple[str, ...],
    chosen: str,
    reason: str,
) -> None:
    assert home.within
    assert home.within.within
    area = {"home": home, "city": home.within, "region": home.within.within, "elections": elections}
    for name in deciding:
        make_terms(area[name])
    now, maker, second = timezone.now(), make_volunteer(), make_volunteer()
    prepare(verify(application, maker, now), maker, now)
    page = client_of(second).post(address("desk_release", application), follow=True)
    assert f"the case is with the {area[chosen].name}" in text_of(page)
    assert where(application) == (area[chosen], reason)
    done = fresh(application)
    assert done.decision.assembly == area[chosen]
    (event,) = Event.objects.about(done).filter(verb="application.routed")
    assert event.data == {"assembly": str(area[chosen].pk), "reason": reason}


def test_a_society_that_has_closed_gets_no_case(application: Application, home: Assembly) -> None:
    make_terms(home)
    make_terms(home.within)
    home.closed_at = timezone.now() - timedelta(days=1)
    home.save()
    release(application, timezone.now())
    assert where(application) == (home.within, Reason.CITY)


@pytest.mark.policy("D18")
def test_where_nobody_can_take_it_it_waits_and_the_sweep_tries_again(
    application: Application, home: Assembly
) -> None:
    party = factories.make_assembly("Harmony Party", kind=Kind.PARTY)
    general = secretary_of(party)
    release(application, timezone.now())
    assert where(application) is None
    assert stage_of(fresh(application)) is Stage.RELEASED
    told = Message.objects.filter(kind="defections/mail/stuck")
    assert [message.address for message in told] == [general.email]
    assert sweep(timezone.now()) == []
    assert told.count() == 1
    make_terms(home)
    assert sweep(timezone.now()) == []
    assert where(application) == (home, Reason.LOCAL)


# --- What a society says ------------------------------------------------------------------------------
def terms_form(**changed: Any) -> dict[str, Any]:
    return {"decides": "yes", "links": "You work or volunteer here.", "residence_months": "12", **changed}


@pytest.mark.policy("D11", "D18")
def test_a_secretary_says_what_the_society_asks_and_that_it_can_decide(home: Assembly) -> None:
    secretary = client_of(secretary_of(home))
    url = reverse("defections:society_terms", args=[home.slug])
    assert url in text_of(secretary.get(home.get_absolute_url()))
    wrong = text_of(secretary.post(url, terms_form(residence_months="0")))
    assert "Enter a number of months from 1 to 600" in wrong
    assert "You work or volunteer here." in wrong
    assert secretary.post(url, terms_form()).status_code == 302
    terms = SocietyTerms.objects.get(assembly=home)
    assert (terms.decides, terms.residence_months) == (True, 12)
    page = text_of(client_of(factories.make_person()).get(home.get_absolute_url()))
    assert "You work or volunteer here." in page
    assert "for 12 months" in page
    assert url not in page


@pytest.mark.parametrize("who", ["outsider", "elsewhere", "staff"])
def test_nobody_else_sets_the_terms(who: str, home: Assembly, outsider: Person) -> None:
    people = {
        "outsider": lambda: outsider,
        "elsewhere": lambda: secretary_of(factories.make_assembly(kind=Kind.CONSTITUENCY)),
        "staff": lambda: factories.make_member(is_staff=True, is_superuser=True),
    }
    client = client_of(people[who]())
    url = reverse("defections:society_terms", args=[home.slug])
    for response in (client.get(url), client.post(url, terms_form())):
        assert response.status_code == 403
    assert not SocietyTerms.objects.exists()


def test_only_the_assembly_of_an_area_has_terms(assembly: Assembly, secretary: Person) -> None:
    url = reverse("defections:society_terms", args=[assembly.slug])
    response = client_of(secretary).post(url, terms_form())
    assert response.status_code == 400
    assert "Only the assemblies of areas" in text_of(response)


# --- Moving -------------------------------------------------------------------------------------------
@pytest.mark.policy("D18")
def test_a_society_that_cannot_handle_a_case_hands_it_on_and_nothing_is_lost(
    application: Application, home: Assembly, elections: Assembly
) -> None:
    make_terms(home)
    make_terms(home.within)
    release(application, timezone.now())
    first = fresh(application).decision
    secretary = client_of(secretary_of(home))
    url = reverse("defections:routing_hand_on", args=[application.pk])
    assert url in text_of(secretary.get(reverse("defections:routing_list")))
    assert url in text_of(secretary.get(first.get_absolute_url()))
    assert "Say why the case moves" in text_of(secretary.post(url, {"because": " "}))
    assert secretary.post(url, {"because": "Our hall burnt down."}).status_code == 302
    assert where(application) == (home.within, Reason.CITY)
    moved = fresh(application)
    assert moved.decision != first
    assert moved.decision.assembly == home.within
    first.refresh_from_db()
    assert first.withdrawn_because == "Our hall burnt down."
    old = moved.routings.get(assembly=home)
    assert old.ended_because == "Our hall burnt down."
    assert old.decision == first
    assert moved.copy.content["name.given_name"] == "Rowan"
    city = client_of(secretary_of(home.within))
    assert city.post(url, {"because": "Nor can we."}).status_code == 302
    assert where(application) == (elections, Reason.ELECTIONS)


@pytest.mark.policy("D18")
def test_the_secretary_of_another_society_cannot_hand_a_case_on(
    application: Application, home: Assembly
) -> None:
    make_terms(home)
    release(application, timezone.now())
    other = client_of(secretary_of(factories.make_assembly(kind=Kind.CONSTITUENCY)))
    url = reverse("defections:routing_hand_on", args=[application.pk])
    for response in (other.get(url), other.post(url, {"because": "Give it to us."})):
        assert response.status_code == 403
        assert "the assembly that has the case" in text_of(response)
    assert application.reference not in text_of(other.get(reverse("defections:routing_list")))
    assert where(application) == (home, Reason.LOCAL)


def test_a_society_that_says_since_that_it_can_is_chosen_again(
    application: Application, home: Assembly
) -> None:
    make_terms(home)
    now = timezone.now()
    release(application, now - timedelta(hours=3))
    secretary = secretary_of(home)
    assert routing.hand_on(fresh(application), by=secretary, at=now, because="No people.") is None
    assert stage_of(fresh(application)) is Stage.RELEASED
    later = now + timedelta(minutes=1)
    values = {"decides": True, "links": "", "residence_months": None}
    routing.set_terms(home, by=secretary, at=later, **values)
    routing.route_due(later)
    assert where(application) == (home, Reason.LOCAL)


@pytest.mark.policy("D18")
def test_the_elections_duty_supports_a_society_which_still_decides(
    application: Application, home: Assembly, elections: Assembly
) -> None:
    make_terms(home)
    local = secretary_of(home)
    release(application, timezone.now())
    hand = secretary_of(elections)
    helper = client_of(hand)
    assert application.reference in text_of(helper.get(reverse("defections:routing_list")))
    decision = fresh(application).decision
    assert not may_facilitate(decision, hand, timezone.now())
    url = reverse("defections:routing_support", args=[application.pk])
    assert helper.post(url).status_code == 302
    assert helper.post(url).status_code == 409
    found = routing.current(fresh(application))
    assert (found.assembly, found.supported_by) == (home, elections)
    decision.refresh_from_db()
    assert decision.assembly == home
    assert may_facilitate(decision, hand, timezone.now())
    assert not decision.members_at(timezone.now()).filter(pk=hand.pk).exists()
    assert not matter.may_read(decision, hand, timezone.now())
    hustings = gatherings.call_gathering(
        home,
        by=hand,
        at=timezone.now(),
        decision=decision,
        kind="hustings",
        title="Hustings",
        starts_at=timezone.now() + timedelta(days=9),
        ends_at=timezone.now() + timedelta(days=9, hours=2),
        address="The Old Library",
    )
    assert Gathering.objects.visible_to(hand, timezone.now()).filter(pk=hustings.pk).exists()
    assert hustings.is_conducted_by(hand, timezone.now())
    assert helper.get(reverse("decisions:gathering_detail", args=[hustings.pk])).status_code == 200
    told = Message.objects.get(kind="defections/mail/supported")
    assert told.address == local.email


@pytest.mark.policy("D18")
def test_the_elections_duty_replaces_a_society(
    application: Application, home: Assembly, elections: Assembly
) -> None:
    make_terms(home)
    release(application, timezone.now())
    url = reverse("defections:routing_replace", args=[application.pk])
    assert client_of(secretary_of(home)).post(url, {"because": "Ours."}).status_code == 403
    helper = client_of(secretary_of(elections))
    assert helper.post(url, {"because": "They asked us to."}).status_code == 302
    assert where(application) == (elections, Reason.ELECTIONS)
    assert fresh(application).decision.assembly == elections


def test_the_elections_duty_takes_a_case_that_nobody_has(application: Application, home: Assembly) -> None:
    release(application, timezone.now())
    elections = factories.make_assembly("Society for Elections")
    factories.make_duty(elections, Duty.Name.ELECTIONS)
    helper = secretary_of(elections)
    page = text_of(client_of(helper).get(reverse("defections:routing_list")))
    assert "No assembly can take these" in page
    routing.replace(fresh(application), by=helper, at=timezone.now(), because="Nobody else can.")
    assert where(application) == (elections, Reason.ELECTIONS)


def test_a_case_is_not_routed_twice_nor_before_its_release(application: Application, home: Assembly) -> None:
    now = timezone.now()
    with pytest.raises(WrongMoment, match="once its copy is released"):
        routing.route(application, at=now)
    make_terms(home)
    done = release(application, now)
    with pytest.raises(WrongMoment, match="with an assembly already"):
        routing.route(done, at=now)


def test_the_list_of_cases_is_for_those_who_act(outsider: Person) -> None:
    assert client_of(outsider).get(reverse("defections:routing_list")).status_code == 403


def test_a_maker_does_not_release_through_the_domain_either(application: Application) -> None:
    now, maker = timezone.now(), make_volunteer()
    prepare(verify(application, maker, now), maker, now)
    with pytest.raises(NotCleared):
        copies.release(fresh(application), by=maker, at=now)
    assert Message.objects.filter(kind="defections/mail/stuck").count() == 0


@pytest.mark.policy("D18")
def test_an_applicant_who_is_the_secretary_does_not_move_their_own_case(
    application: Application, home: Assembly
) -> None:
    make_terms(home)
    secretary = secretary_of(home)
    own = make_application(constituency=home, email=secretary.email)
    release(own, timezone.now())
    url = reverse("defections:routing_hand_on", args=[own.pk])
    response = client_of(secretary).post(url, {"because": "I would rather not."})
    assert response.status_code == 403
    assert "Nobody decides where their own case goes" in text_of(response)
    assert where(own) == (home, Reason.LOCAL)


def test_the_home_page_tells_a_secretary_of_a_case_until_a_hustings_is_called(
    application: Application, home: Assembly, outsider: Person
) -> None:
    make_terms(home)
    secretary = secretary_of(home)
    release(application, timezone.now())
    line = f"Call the hustings: Defection application {application.reference}"
    assert line in text_of(client_of(secretary).get("/"))
    assert line not in text_of(client_of(outsider).get("/"))
