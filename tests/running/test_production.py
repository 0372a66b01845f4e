"""Outside a demonstration nothing is guessed: a setting that is missing stops the start by its name."""

import sys

import pytest

from tests.running import ground

PRODUCTION = {
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "SITE_URL": "https://vote.example.org",
    "ALLOWED_HOSTS": "vote.example.org",
    "DATABASE_URL": "postgresql://harmony@localhost/harmony",
    "REDIS_URL": "redis://localhost:6379/0",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
    "DEFAULT_FROM_EMAIL": "vote@example.org",
    "KEYRING_FILE": "/dev/null",
}


def manage(*arguments: str, **changes: str) -> tuple[int, str]:
    """How `manage.py` ends in production's environment with `changes`, an empty one taking the variable away."""
    env = {name: value for name, value in (PRODUCTION | changes).items() if value}
    ended = ground.run([sys.executable, "manage.py", *arguments], **env)
    return ended.returncode, ended.stdout + ended.stderr


def test_production_settings_pass_django_s_own_deployment_checks() -> None:
    code, said = manage("check", "--deploy", "--fail-level", "WARNING")
    assert code == 0, said


@pytest.mark.parametrize("name", PRODUCTION)
def test_a_missing_variable_is_named(name: str) -> None:
    code, said = manage("check", **{name: ""})
    assert code != 0
    assert f"Set the environment variable {name}: see docs/running.md." in said


def test_error_pages_that_show_data_are_for_demonstrations_only() -> None:
    code, said = manage("check", DEBUG="true")
    assert code != 0
    assert "DEBUG shows people's data in error pages: it needs DEMONSTRATION=true." in said


def test_days_are_shortened_in_demonstrations_only_and_never_to_nothing() -> None:
    code, said = manage("check", DAY_SECONDS="5")
    assert code != 0
    assert "DAY_SECONDS makes promised periods shorter: it needs DEMONSTRATION=true." in said
    for seconds in ("0", "-5", "90000"):
        code, said = manage("check", DAY_SECONDS=seconds, DEMONSTRATION="true")
        assert code != 0
        assert "DAY_SECONDS is more than 0 and at most 86400." in said
    assert manage("check", DAY_SECONDS="5", DEMONSTRATION="true")[0] == 0


def test_the_demonstration_party_does_not_load_in_production() -> None:
    code, said = manage("demo")
    assert code != 0
    assert "DEMONSTRATION" in said
    assert "Traceback" not in said
