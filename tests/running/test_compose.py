"""docker-compose.yml: it says what DESIGN asks for, and each of its commands is one that this checkout runs."""

import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from harmony import servers
from tests.running import ground
from tests.running.test_production import PRODUCTION

COMPOSE: dict[str, Any] = yaml.safe_load((ground.CHECKOUT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]


def commands(service: str) -> list[list[str]]:
    """The command lines that `service` runs, one after the other."""
    line: list[str] = SERVICES[service]["command"]
    if line[:2] != ["sh", "-c"]:
        return [line]
    return [shlex.split(part) for part in line[2].split("&&")]


def test_the_services_are_ours_and_what_they_stand_on() -> None:
    assert set(OURS) == {"migrate", "web", "worker", "beat"}
    assert set(SERVICES) == {*OURS, "postgres", "valkey", "mail"}


def test_everything_of_ours_waits_for_the_database_to_be_migrated() -> None:
    assert SERVICES["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    for name in ("web", "worker", "postgres", "valkey"):
        assert SERVICES[name]["healthcheck"]["test"]


def test_every_setting_of_production_is_given_by_compose_or_asked_for_in_the_guide() -> None:
    guide = (ground.CHECKOUT / "docs" / "running.md").read_text()
    env_file = guide.split("```sh\n# .env\n")[1].split("```")[0]
    for name in PRODUCTION:
        assert name in SERVICES["web"]["environment"] or f"{name}=" in env_file, name
    assert "POSTGRES_PASSWORD=" in env_file


def test_the_image_is_built_from_pinned_requirements_by_a_user_who_is_not_root() -> None:
    for name in OURS:
        image = SERVICES[name]["build"]["dockerfile_inline"]
        assert "--require-hashes -r requirements.txt" in image
        assert "USER harmony" in image
    for name in (".env", "keyring*.json", "var", ".git"):
        assert name in (ground.CHECKOUT / ".dockerignore").read_text().split()


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_the_command_of_a_server_is_the_one_that_make_run_uses(name: str, tmp_path: Path) -> None:
    assert commands(name) == [["python", "-m", "harmony.servers", name]]
    line = servers.command(name, {"VAR_DIR": str(tmp_path)})
    assert line[0] == sys.executable
    asked = ground.run([*line[:3], "--help"], **PRODUCTION)
    assert asked.returncode == 0, asked.stderr


def test_the_keyring_s_folder_is_mounted_and_not_the_file_which_would_hide_a_newer_one() -> None:
    for name in OURS:
        service = SERVICES[name]
        ring = Path(service["environment"]["KEYRING_FILE"])
        mounts = [mount.removesuffix(":ro").rpartition(":")[2] for mount in service["volumes"]]
        assert str(ring.parent) in mounts, name
        assert "secrets" not in service


def test_the_commands_of_the_migration_are_there() -> None:
    for line in commands("migrate"):
        assert line[:2] == ["python", "manage.py"]
        assert line[2] in get_commands()


def test_a_server_that_is_not_there_is_refused_with_a_sentence() -> None:
    ended = ground.run([sys.executable, "-m", "harmony.servers", "postman"])
    assert ended.returncode == 2
    assert "There is no server 'postman'; the servers are web, worker, beat." in ended.stderr


def test_web_is_unhealthy_where_nothing_listens() -> None:
    ended = ground.run([sys.executable, "-m", "harmony.servers", "healthy"], **PRODUCTION, PORT="9")
    assert ended.returncode == 1
