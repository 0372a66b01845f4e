"""The site's own processes, started for a test against the test database: web, worker, beat, sweep."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

from harmony import processes, servers
from harmony.embedded import folder, valkey

NO_BROKER = "redis://127.0.0.1:1/0"
CHECKOUT = Path(__file__).resolve().parent.parent
Process = subprocess.Popen[bytes]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment in which a process of the site works on the test database; `folder` is its VAR_DIR."""
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    static = folder / "static"
    return {
        **{name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"},
        "DATABASE_URL": url,
        "VAR_DIR": str(folder),
        "STATIC_ROOT": str(static),
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
        "SWEEP_SECONDS": "1",
        **more,
    }


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(name: str, env: dict[str, str], log: Path) -> Iterator[Process]:
    """The server `name` (web, worker, beat), stopped at the end; what it prints goes to the file `log`."""
    with log.open("ab") as output:
        process = processes.start(
            servers.command(name, env), cwd=CHECKOUT, env=env, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        processes.stop(process, ((processes.signal.SIGTERM, 15.0),))


def manage(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """One run of manage.py."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=CHECKOUT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Returns once `condition` holds; AssertionError naming `what` when it does not within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:.0f} s in vain: {what}"
        time.sleep(0.05)


@contextmanager
def site(var: Path, **more: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The production web server on the test database; its address and its environment."""
    port = str(free_port())
    url = f"http://localhost:{port}"
    settings = {"PORT": port, "SITE_URL": url, "REDIS_URL": NO_BROKER, "ALLOWED_HOSTS": "localhost,127.0.0.1"}
    env = environment(var, **{**settings, **more})
    env.pop("WEB_LISTENER", None)
    collected = manage(env, "collectstatic", "--noinput", "--verbosity", "0")
    assert collected.returncode == 0, collected.stderr
    with running("web", env, var / "web.log"):
        wait_for(lambda: servers.is_healthy(env), "the web server answers")
        yield url, env


@contextmanager
def whole_site(var: Path, **more: str) -> Iterator[str]:
    """The site's address, with web server, worker, beat and a Valkey of its own on the test database."""
    with ExitStack() as stack:
        stack.enter_context(folder.held(var / "valkey"))
        _server, broker = stack.enter_context(valkey.running(var / "valkey"))
        url, env = stack.enter_context(site(var, REDIS_URL=broker, **more))
        for name in ("worker", "beat"):
            stack.enter_context(running(name, env, var / f"{name}.log"))
        yield url
