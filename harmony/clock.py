"""The sweep: asks every floor what is due and does it (DESIGN, Time)."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache

from assemblies import clearances, eligibility, enrolment, offices
from ballots import clock as ballots
from decisions import candidates, declaring, nominations
from decisions import clock as decisions
from defections import email_changes, letters, retention, routing
from harmony import digest
from ledger import outbox

log = logging.getLogger(__name__)

# In this order, so that what one step gives rise to is taken on by the next in the same sweep.
STEPS: tuple[tuple[str, Callable[[datetime], object]], ...] = (
    ("enrol members", enrolment.enrol_due),
    ("end participation by age", eligibility.end_passed_ages),
    ("end clearances", clearances.end_due),
    ("end terms", offices.end_terms_due),
    ("declare races in time", declaring.declare_due),
    ("end nominations", nominations.end_nominations_due),
    ("rule out candidates", candidates.look_due),
    ("end calls", decisions.end_calls_due),
    ("end deliberations", decisions.end_deliberations_due),
    ("open the ballots of decisions", decisions.open_ballots_due),
    ("open ballots", ballots.open_due),
    ("remind voters", ballots.remind_due),
    ("close ballots", ballots.close_due),
    ("count ballots", ballots.count_due),
    ("settle decisions", decisions.settle_due),
    ("give cases to their assemblies", routing.route_due),
    ("remind of tasks", decisions.chase_due),
    ("remind of letters", letters.chase_due),
    ("make digests", digest.queue_due),
    ("end changes of addresses", email_changes.end_due),
    ("warn of drafts that are about to go", retention.warn_due),
    ("erase applications", retention.erase_due),
    ("erase copies of applications", retention.erase_copies_due),
    ("send messages", outbox.send_due),
    ("erase old messages", lambda at: _hourly("messages") and outbox.erase_old(at)),
    ("clear sessions that ran out", lambda _at: _hourly("sessions") and SessionStore.clear_expired()),
)


def _hourly(what: str) -> bool:
    """Whether `what` is due again: an hour after it was last, or as soon as the cache has forgotten that."""
    return bool(cache.add(f"harmony.clock.hourly:{what}", True, 3600))


def sweep(at: datetime) -> list[str]:
    """Does all that is due at `at` and returns the names of the steps that failed.

    A step that fails is logged by the kind of its error (never by its values) and does not stop the others:
    each step works in transactions of its own, so what it did not finish is due again at the next sweep.
    """
    failed = []
    for name, step in STEPS:
        try:
            step(at)
        except Exception as error:  # noqa: BLE001 - the clock must go on for everything else
            log.error("The sweep could not %s: %s", name, type(error).__name__)
            failed.append(name)
    return failed
