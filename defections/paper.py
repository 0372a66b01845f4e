"""Applications that came by post or email to the general secretary (D15): entered by their people, with the scans.

Those people are whoever holds the secretary's or a deputy's office of the party itself, with a second step on the
account. They fill in the pages of the public form, for the applicant, under the same checks; the signed pledges
stay on paper. Once it is handed over they cannot read it again, and do not verify it.
"""

from datetime import date, datetime

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from defections import cases, evidence, intake, vault
from defections.errors import BadFile, Incomplete, NotCleared
from defections.models import Application, ApplicationQuerySet, Evidence, FormRelease
from harmony.time import london_day
from ledger import events
from members.models import Person
from members.second_step import guarded

MOST_SCANS = 20
WAYS = (Application.Origin.POST, Application.Origin.EMAIL)


def may_enter(person: Person, at: datetime) -> bool:
    """Whether `person` enters what came on paper: one of the general secretary's people, with a second step."""
    return person.is_active and cases.acts_for_party(person, at) and guarded(person)


def require_clerk(person: Person, at: datetime) -> None:
    """Raises NotCleared, with a sentence, unless `person` may enter what came on paper."""
    if not cases.acts_for_party(person, at):
        raise NotCleared(
            _(
                "Only the general secretary and the deputies of the party enter forms that came by post or email."
            )
        )
    if not guarded(person):
        raise NotCleared(
            _(
                "This opens only to accounts that a second step guards. Set up an authenticator app or a passkey on "
                "your account page, then come back."
            )
        )


def own_drafts(person: Person) -> ApplicationQuerySet:
    """What `person` has begun to enter and has not handed over."""
    return Application.objects.drafts().filter(entered_by=person, origin__in=WAYS).order_by("started_at")


@sensitive_variables("email", "kept_where", "arrival")
@transaction.atomic
def begin(
    *,
    by: Person,
    at: datetime,
    origin: str,
    arrived_on: date,
    kept_where: str,
    email: str = "",
    release: FormRelease | None = None,
) -> Application:
    """A draft for a form that came by `origin` (one of WAYS) on a day up to today; the signed pledges are on file.

    `kept_where` says where the paper is; `email` is "" where none was given. Raises NotCleared; Incomplete for a
    day to come, or without a place; WrongMoment as `intake.start`.
    """
    require_clerk(by, at)
    if arrived_on > london_day(at):
        raise Incomplete(_("The day on which it arrived must not lie ahead."))
    if not kept_where.strip():
        raise Incomplete(_("Say where the signed paper is kept."))
    made = intake.start(email, at=at, origin=Application.Origin(origin), by=by, release=release)
    arrival = {
        "way": str(made.get_origin_display()),
        "arrived_on": arrived_on.isoformat(),
        "signed_pledges": _("on file"),
        "kept_where": kept_where.strip(),
    }
    made.arrival_sealed = made.seal(arrival, vault.place_of("application", made.pk, "arrival"))
    made.save(update_fields=["arrival_sealed"])
    events.record("application.arrival_noted", made, at=at, by=by.pk, data={"origin": made.origin})
    return made


def issues_before_handing_over(application: Application) -> list[str]:
    """What is missing before the research can have it, as sentences."""
    issues = [lack.sentence for lack in intake.issues_before_sending(application)]
    if not scans_of(application).exists():
        issues.append(_("Attach the scan of the form, with the signed pledges."))
    return issues


def scans_of(application: Application) -> models.QuerySet[Evidence]:
    """The scans of the paper."""
    return application.evidence.filter(proves=Evidence.Proves.SCAN)


@sensitive_variables("name", "content")
@transaction.atomic
def add_scan(application: Application, name: str, content: bytes, *, at: datetime) -> Evidence:
    """Keeps a scan, rebuilt and sealed as any file. Raises BadFile, also for one too many, and WrongMoment."""
    row = intake.draft_under_lock(application)
    if scans_of(row).count() >= MOST_SCANS:
        raise BadFile(
            _("There are %(n)d scans already. Take one out before you add another.") % {"n": MOST_SCANS}
        )
    return evidence.add(
        application, name, content, proves=Evidence.Proves.SCAN, at=at, by=application.entered_by
    )


@transaction.atomic
def hand_over(application: Application, *, by: Person, at: datetime) -> None:
    """Sends it to the research, as the applicant's signed declaration asks; `by` cannot read it afterwards.

    The applicant is told by mail where an address is known. Raises NotCleared, Incomplete with what is missing,
    WrongMoment when it was handed over before.
    """
    require_clerk(by, at)
    row = intake.draft_under_lock(application)
    if row.entered_by_id != by.pk:
        raise NotCleared(_("Whoever entered the form hands it over."))
    if issues := issues_before_handing_over(row):
        raise Incomplete(" ".join(issues))
    intake.send(row, at=at, by=by)
    application.sent_at = row.sent_at
