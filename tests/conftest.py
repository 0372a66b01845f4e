"""The cast that everyone knows, and what every test stands on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.test import override_settings

from assemblies.models import Assembly
from members.models import Person
from tests import factories


@receiver(connection_created)
def _may_empty_the_record(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Lets a test that commits leave an empty database behind: ledger/migrations/0005 refuses everybody else."""
    with connection.cursor() as cursor:
        cursor.execute("SET harmony.is_test = 'yes'")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """How processes share the tests: those that start servers or a browser one at a time, the others by file.

    So no two tests want the whole machine at once, and what a file sets up is set up once.
    """
    heavy = {item for item in items if any(item.iter_markers("servers")) or any(item.iter_markers("browser"))}
    for item in items:
        group = "heavy" if item in heavy else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: item not in heavy)


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
