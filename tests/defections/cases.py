"""Cases brought to each stage by the real functions, at the moments that a test names."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from assemblies.models import Assembly
from decisions import calls, deliberation, gatherings
from decisions.models import Decision, Gathering
from defections import cases, vault
from defections.models import Answer, Application, FormRelease, Routing, SanitisedCopy
from members.models import Person
from tests.factories import make_person

T0 = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
HUSTINGS = datetime(2026, 6, 15, 18, 0, tzinfo=UTC)
SECRET_LINK = "https://meet.example.org/hustings-9"
_number = count(1)


def make_release() -> FormRelease:
    """A published release, the same for all."""
    found = FormRelease.objects.first()
    return found or FormRelease.objects.create(
        number=1, kernel="Kernel", principles="A", released_on=date(2026, 5, 1), made_at=T0
    )


def make_case(assembly: Assembly, *, at: datetime = T0, **fields: Any) -> Application:
    """An application sent and found genuine, its copy released, routed to the assembly, the matter made of it."""
    application = make_routed(assembly, at=at, **fields)
    cases.open_case(application, at=at)
    application.refresh_from_db()
    return application


def make_routed(
    assembly: Assembly, *, at: datetime = T0, email: str = "", name: str = "Robin Ash", **fields: Any
) -> Application:
    """An application routed to the assembly, of which no matter was made yet; `email` "-" for one without."""
    n = next(_number)
    given, family = name.split(" ", 1)
    application = Application(
        reference=f"HD-{n:04d}",
        release=make_release(),
        started_at=at,
        saved_at=at,
        sent_at=at,
        verification="genuine",
        verified_at=at,
        verified_by=make_person(),
        **fields,
    )
    application.key_wrapped = vault.new_key(application.key_context)
    if email != "-":
        application.set_email(email or f"applicant{n}@example.org")
    application.save()
    answer(application, "name", {"given_name": given, "family_name": family}, at)
    answer(application, "society", {"constituency": str(assembly.pk)}, at)
    copy = SanitisedCopy(application=application, made_by=make_person(), made_at=at, prepared_at=at)
    copy.released_by, copy.released_at = make_person(), at
    copy.seal_content({"name.given_name": given, "name.family_name": family, "office.level": "Parish"})
    copy.save()
    Routing.objects.create(application=application, assembly=assembly, reason="local", routed_at=at)
    return application


def answer(application: Application, section: str, value: dict[str, Any], at: datetime = T0) -> None:
    """One section of the form, sealed."""
    sealed = application.seal(value, Answer.place(application, section))
    Answer.objects.create(application=application, section=section, sealed=sealed, saved_at=at)


def call_hustings(
    application: Application,
    by: Person,
    *,
    at: datetime = T0,
    starts_at: datetime = HUSTINGS,
    **fields: Any,
) -> Gathering:
    """The hustings of the case, called by the real function."""
    decision = decision_of(application)
    values = {"title": "Hustings", "address": "Town Hall\n1 High Street", "link": SECRET_LINK, **fields}
    return gatherings.call_gathering(
        decision.assembly,
        by=by,
        at=at,
        decision=decision,
        kind="hustings",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        **values,
    )


def decision_of(application: Application) -> Decision:
    """The decision that settles the application now."""
    application.refresh_from_db()
    assert application.decision is not None
    return application.decision


def hold_hustings(application: Application, by: Person, **fields: Any) -> Gathering:
    """The hustings called and held two hours after its start."""
    gathering = call_hustings(application, by, **fields)
    gatherings.mark_held(gathering, by=by, at=gathering.ends_at)
    return gathering


def deliberate(application: Application, by: Person, *, days: int = 7, **fields: Any) -> Decision:
    """The hustings held, and the deliberation begun as it ended."""
    gathering = hold_hustings(application, by, **fields)
    return deliberation.begin(decision_of(application), by=by, at=gathering.ends_at, days=days)


def call_on(application: Application, option: str, by: Person, *agreeing: Person) -> Decision:
    """In the deliberation a call on the option, to which these agree; what is left is to let the time pass."""
    decision = decision_of(application)
    began = decision.deliberation_began_at
    assert began is not None
    at = began + timedelta(hours=1)
    call = calls.call_for_consensus(decision, decision.options.get(name=option), by=by, at=at)
    for person in agreeing:
        calls.take_position(call, person, "agree", at=at)
    return decision
