"""A case from its opening with an assembly to what ends it (D17 to D23)."""

import pytest

from assemblies.models import Assembly
from decisions.models import Decision
from defections import cases
from defections.errors import WrongMoment
from defections.models import Application, SanitisedCopy
from ledger.models import Event, Message
from members.models import Person
from tests.defections.cases import T0, make_case, make_routed

pytestmark = pytest.mark.django_db


# --- Opening ------------------------------------------------------------------------------------------------
@pytest.mark.policy("D17", "D19")
def test_a_routed_application_becomes_a_matter_of_its_assembly_that_names_nobody(
    assembly: Assembly, secretary: Person, member: Person, participant: Person
) -> None:
    application = make_routed(assembly)
    decision = cases.open_case(application, at=T0)
    application.refresh_from_db()
    assert application.decision == decision
    assert application.routings.get().decision == decision
    assert (decision.kind, decision.assembly) == ("defection", assembly)
    assert decision.title == f"Defection application {application.reference}"
    assert "Ash" not in decision.title + decision.text
    options = [(option.name, option.leaves_things) for option in decision.options.all()]
    assert options == [("Accept", False), ("Decline", True)]
    assert (decision.quorum, decision.voting_days) == (assembly.quorum, assembly.voting_days)
    assert Event.objects.filter(verb="application.case_opened").count() == 1
    told = Message.objects.filter(kind="defections/mail/case_opened")
    assert sorted(told.values_list("address", flat=True)) == ["mary@example.org", "sam@example.org"]
    assert not any("Ash" in mail.subject + mail.text for mail in Message.objects.all())


@pytest.mark.policy("D17")
def test_nothing_goes_to_an_assembly_before_its_sanitised_copy_is_released(assembly: Assembly) -> None:
    application = make_routed(assembly)
    SanitisedCopy.objects.update(released_at=None, released_by=None)
    application.refresh_from_db()
    with pytest.raises(WrongMoment, match="not been released"):
        cases.open_case(application, at=T0)
    Application.objects.update(verification="", verified_at=None)
    with pytest.raises(WrongMoment, match="research comes first"):
        cases.open_case(application, at=T0)
    assert not Decision.objects.exists()


def test_a_case_is_opened_once(assembly: Assembly) -> None:
    application = make_case(assembly)
    with pytest.raises(WrongMoment, match="has the matter already"):
        cases.open_case(application, at=T0)
