"""The one place that says how the web server, the worker and beat are started.

`python -m harmony.servers web|worker|beat` becomes that server: compose, a unit file or a shell by hand use
it as `manage.py up` does; `python -m harmony.servers healthy` asks the web server whether it is well. From the
environment: WEB_SERVER (gunicorn, granian), HOST and PORT (127.0.0.1 and 8000), WEB_CONCURRENCY (processes),
WEB_THREADS (threads of each), CELERY_CONCURRENCY (processes), SITE_URL and VAR_DIR.
"""

import http.client
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

CHECKOUT = Path(__file__).resolve().parent.parent
NAMES = ("web", "worker", "beat")
_APPLICATION = "harmony.wsgi:application"
_HEALTHY = "/healthy/"  # harmony.urls
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to reach what listens everywhere


def command(name: str, env: Mapping[str, str], *, listening: int | None = None) -> list[str]:
    """The command line of the server `name`, one of NAMES, in the surroundings `env`.

    `listening` is the file descriptor of a socket that listens already, for the web server to take over;
    without one it binds HOST and PORT itself. Raises ValueError for a name or a WEB_SERVER that is not known.
    """
    if name == "web":
        return _web(env, listening)
    if name == "worker":
        return _worker(env)
    if name == "beat":
        return _beat(env)
    raise ValueError(f"There is no server {name!r}; the servers are {', '.join(NAMES)}.")


def address(env: Mapping[str, str]) -> tuple[str, int]:
    """The host and the port on which the web server listens in the surroundings `env`."""
    return env.get("HOST") or "127.0.0.1", int(env.get("PORT") or 8000)


def can_take_over(env: Mapping[str, str]) -> bool:
    """Whether the web server chosen in `env` can be given a socket that listens already."""
    return _server(env) == "gunicorn"


def _server(env: Mapping[str, str]) -> str:
    server = env.get("WEB_SERVER") or "gunicorn"
    if server not in {"gunicorn", "granian"}:
        raise ValueError(f"WEB_SERVER is gunicorn or granian, not {server!r}.")
    return server


def _web(env: Mapping[str, str], listening: int | None) -> list[str]:
    processes = env.get("WEB_CONCURRENCY") or str(min(os.cpu_count() or 1, 4))
    threads = env.get("WEB_THREADS") or "4"
    host, port = address(env)
    if _server(env) == "granian":
        return [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"),
            *("--host", host, "--port", str(port), "--workers", processes, "--blocking-threads", threads),
            *("--workers-kill-timeout", "5", _APPLICATION),
        ]
    # No access log: who fetched a voting page, and when, is nobody's business.
    return [
        *(sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", processes),
        *("--threads", threads, "--keep-alive", "5", "--graceful-timeout", "5", "--no-control-socket"),
        *("--bind", f"fd://{listening}" if listening is not None else f"{host}:{port}"),
        *(("--worker-tmp-dir", "/dev/shm") if Path("/dev/shm").is_dir() else ()),  # noqa: S108
        _APPLICATION,
    ]


def _worker(env: Mapping[str, str]) -> list[str]:
    processes = env.get("CELERY_CONCURRENCY") or "2"
    return [
        *(sys.executable, "-m", "celery", "--app", "harmony", "--quiet", "worker", "--loglevel", "INFO"),
        *("--concurrency", processes, "--without-gossip", "--without-mingle"),
    ]


def _beat(env: Mapping[str, str]) -> list[str]:
    var = Path(env.get("VAR_DIR") or CHECKOUT / "var")
    var.mkdir(parents=True, exist_ok=True)
    return [
        *(sys.executable, "-m", "celery", "--app", "harmony", "--quiet", "beat", "--loglevel", "INFO"),
        *("--schedule", str(var / "beat-schedule"), "--pidfile="),
    ]


def is_healthy(env: Mapping[str, str], *, seconds: float = 5.0) -> bool:
    """Whether the web server of the surroundings `env` answers within `seconds` that it reaches its database."""
    host, port = address(env)
    connection = http.client.HTTPConnection(_LOOPBACK.get(host, host), port, timeout=seconds)
    try:
        connection.request("GET", _HEALTHY, headers={"Host": urlsplit(env["SITE_URL"]).netloc})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main(arguments: list[str]) -> int:
    """Becomes the server that the only argument names, or for `healthy` tells by 0 or 1 whether web is."""
    if arguments == ["healthy"]:
        return 0 if is_healthy(os.environ) else 1
    try:
        (name,) = arguments
        line = command(name, os.environ)
    except ValueError as error:
        sys.stderr.write(f"usage: python -m harmony.servers {'|'.join(NAMES)}|healthy\n{error}\n")
        return 2
    os.chdir(CHECKOUT)
    return os.execv(line[0], line)  # noqa: S606 - never returns


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
