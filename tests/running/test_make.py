"""The Makefile's first step: an environment from a Python that is new enough, or a sentence that says why not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running.ground import CHECKOUT

TOOLS = ("sh", "env", "rm", "touch", "mkdir", "readlink")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PATH with the tools that the Makefile uses, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (folder / tool).symlink_to(found)
    return folder


def put_python(path: Path, name: str, script: str) -> None:
    """Puts the shell script `script` into `path` as the Python `name`."""
    (path / name).write_text(f"#!/bin/sh\n{script}\n")
    (path / name).chmod(0o755)


def make_environment(path: Path, venv: Path) -> subprocess.CompletedProcess[str]:
    make = shutil.which("make")
    assert make
    command = [make, "--no-print-directory", f"VENV={venv}", f"{venv}/venv.done"]
    env = {"PATH": str(path), "HOME": str(path)}
    return subprocess.run(
        command, cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False, timeout=120
    )


def test_the_first_python_that_is_new_enough_is_taken(path: Path, tmp_path: Path) -> None:
    put_python(path, "python3", 'test "$1" = -V && echo Python 3.9.2; test "$2" = ""')
    (path / "python3.11").symlink_to(os.path.realpath(sys.executable))
    venv = tmp_path / "venv"
    made = make_environment(path, venv)
    assert made.returncode == 0, made.stderr
    assert "with Python 3." in made.stdout
    assert (venv / "venv.done").exists()
    assert (venv / "bin" / "python").exists()
    again = make_environment(path, venv)
    assert "is up to date" in again.stdout


def test_an_environment_whose_python_has_gone_is_made_anew(path: Path, tmp_path: Path) -> None:
    (path / "python3").symlink_to(os.path.realpath(sys.executable))
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(tmp_path / "gone")
    (venv / "venv.done").touch()
    made = make_environment(path, venv)
    assert made.returncode == 0, made.stderr
    assert (venv / "bin" / "python").exists()


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (None, "Harmony needs Python 3.11 or newer, and there is none in PATH."),
        (
            'test "$1" = -V && echo Python 3.9.2; test "$2" = ""',
            "Harmony needs Python 3.11 or newer, and this is Python 3.9.2 (python3).",
        ),
        (
            'test "$1" = -V && echo Python 3.12.1; case "$2" in *ensurepip*) exit 1 ;; esac',
            "Python 3.12.1 (python3) lacks the modules venv and ensurepip:",
        ),
    ],
    ids=["none", "old", "bare"],
)
def test_a_machine_without_a_fitting_python_is_told_so(
    path: Path, tmp_path: Path, script: str | None, sentence: str
) -> None:
    if script:
        put_python(path, "python3", script)
    made = make_environment(path, tmp_path / "venv")
    assert made.returncode != 0
    assert sentence in made.stderr
    assert not (tmp_path / "venv").exists()
