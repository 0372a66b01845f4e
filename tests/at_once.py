"""People at the same moment, each on a thread and a connection of their own: at random, or in a given order."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection, models, transaction

from tests.real_servers import wait_for

T = TypeVar("T")
E = TypeVar("E", bound=Exception)


def on_its_own(job: Callable[[], T], refusal: type[E]) -> T | E:
    """The job on a connection that is closed afterwards; a refusal is its answer, anything else is raised."""
    try:
        return job()
    except refusal as error:
        return error
    finally:
        connection.close()


def at_once(jobs: Sequence[Callable[[], T]], refusal: type[E]) -> list[T | E]:
    """Runs the jobs at the same moment; their answers, a refusal being one."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T | E:
        connection.ensure_connection()
        gate.wait()
        return on_its_own(job, refusal)

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def in_turn(row: models.Model, jobs: Sequence[Callable[[], T]], refusal: type[E]) -> list[T | E]:
    """Runs the jobs, each of which locks `row`, so that all have begun before the first one gets the lock.

    PostgreSQL gives it to them in their order. Their answers, a refusal being one.
    """
    with ThreadPoolExecutor(len(jobs)) as pool:
        with transaction.atomic():
            list(type(row)._default_manager.select_for_update().filter(pk=row.pk))
            started = []
            for number, job in enumerate(jobs, 1):
                started.append(pool.submit(on_its_own, job, refusal))
                wait_for(lambda number=number: waiting() == number, f"job {number} waits for the row")  # type: ignore[misc]
        return [job.result(30) for job in started]


def waiting() -> int:
    """How many connections wait for a row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')"
        )
        number: int = cursor.fetchone()[0]
        return number
