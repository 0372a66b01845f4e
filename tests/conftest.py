"""The cast that everyone knows, and what every test stands on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.test import override_settings
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from assemblies.models import Assembly
from members.models import Person
from tests import factories

# A busy machine is no failure; and what a drawn test changes in the database it rolls back itself.
settings.register_profile(
    "patient",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("patient")

BROWSER = "tests/browser/"
# Those that start servers of their own, the longest first.
SERVERS = (
    "tests/running/test_up.py",
    "tests/ballots/test_real_servers.py",
    "tests/ballots/test_over_http.py",
    "tests/running/",
)


@receiver(connection_created)
def _may_empty_the_record(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Lets a test that commits leave an empty database behind: ledger/migrations/0005 refuses everybody else."""
    with connection.cursor() as cursor:
        cursor.execute("SET harmony.is_test = 'yes'")


class Shares(LoadScopeScheduling):
    """How two processes share the tests: by file, but all that start a browser one after another."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "browser" if path.startswith(BROWSER) else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Shares:
    """In place of xdist's own ways of sharing."""
    return Shares(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those with a browser take longest and begin first; the other process goes through the rest meanwhile.

    Those that start servers come last, when both processes are free to take one file each.
    """

    def place(item: pytest.Item) -> tuple[bool, int]:
        started = [position for position, path in enumerate(SERVERS, 1) if item.nodeid.startswith(path)]
        return (not item.nodeid.startswith(BROWSER), min(started, default=0))

    items.sort(key=place)


@pytest.fixture(autouse=True)
def _nobody_has_tried_before(request: pytest.FixtureRequest) -> None:
    """Rate limits start anew with each test: what committing tests count in the cache's table would stay there."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        request.getfixturevalue("db")
        cache.clear()


@pytest.fixture(scope="session", autouse=True)
def _plain_static_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Static files by their own names, so that tests need no collectstatic and see no stale one."""
    root: Path = tmp_path_factory.mktemp("static")
    storages = {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(STORAGES=storages, STATIC_ROOT=root):
        yield


@pytest.fixture
def assembly(db: None) -> Assembly:
    """The society in which the cast takes part."""
    return factories.make_assembly("Society for Elections")


@pytest.fixture
def member(assembly: Assembly) -> Person:
    """A member of the party who takes part in the assembly: may talk and vote."""
    person = factories.make_member("Mary Member", email="mary@example.org")
    factories.make_participation(person, assembly)
    return person


@pytest.fixture
def participant(assembly: Assembly) -> Person:
    """Takes part in the assembly and is no member of the party: may talk, may not vote."""
    person = factories.make_person("Peter Participant", email="peter@example.org")
    factories.make_participation(person, assembly)
    return person


@pytest.fixture
def secretary(assembly: Assembly) -> Person:
    """A member who holds the assembly's secretary's office."""
    person = factories.make_member("Sam Secretary", email="sam@example.org")
    factories.make_participation(person, assembly)
    factories.make_term(person, assembly)
    return person


@pytest.fixture
def outsider(db: None) -> Person:
    """Has an account and nothing else."""
    return factories.make_person("Olive Outsider", email="olive@example.org")
