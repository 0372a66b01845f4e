"""The site's own web server on the benchmark's database, and voters who are logged in to it."""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from urllib.parse import urlencode

import psutil
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils import timezone

from harmony import servers
from members.models import Person
from tests import real_servers

SERVERS = ("gunicorn", "granian")
CLIENTS = 50
T = TypeVar("T")


@dataclass(frozen=True)
class Site:
    """A running site: where it listens, and its processes."""

    port: int
    process: psutil.Process

    @property
    def host(self) -> str:
        """How it is addressed."""
        return f"localhost:{self.port}"

    def processor_seconds(self) -> float:
        """What its processes have used of the processors since they began."""
        times = [part.cpu_times() for part in (self.process, *self.process.children(recursive=True))]
        return sum(part.user + part.system for part in times)

    def used_by(self, work: Callable[[], T]) -> tuple[T, float]:
        """What `work` returns, and the processor seconds that the site's processes used for it."""
        before = self.processor_seconds()
        return work(), self.processor_seconds() - before

    def memory_mb(self) -> float:
        """Memory that its processes hold for themselves alone, in megabytes."""
        parts = (self.process, *self.process.children(recursive=True))
        return sum(part.memory_full_info().uss for part in parts) / 1_000_000


@contextmanager
def site(server: str) -> Iterator[Site]:
    """The site served by `server`, one of SERVERS, with the static files that are collected; stopped at the end.

    AssertionError if it does not start, does not stop in time, or logs an exception.
    """
    with TemporaryDirectory() as folder:
        port = real_servers.free_port()
        env = real_servers.environment(
            Path(folder),
            WEB_SERVER=server,
            HOST="127.0.0.1",
            PORT=str(port),
            SITE_URL=f"http://localhost:{port}",
            STATIC_ROOT=str(settings.STATIC_ROOT),
        )
        log = Path(folder, "web.log")
        with real_servers.running("web", env, log) as process:
            real_servers.wait_for(lambda: servers.is_healthy(env), f"{server} answers")
            yield Site(port, psutil.Process(process.pid))
            process.terminate()
            began = time.monotonic()
            process.wait(15)
            assert time.monotonic() - began < 10, f"{server} takes too long to stop"
        assert "Traceback" not in log.read_text(), log.read_text()


@dataclass(frozen=True)
class Browser:
    """A logged-in person's cookies."""

    session: str
    csrf: str
    token: str

    def get(self, site: Site, path: str) -> str:
        """The request for a page."""
        return self._request(site, "GET", path, [])

    def post(self, site: Site, path: str, fields: dict[str, str]) -> str:
        """The request that sends a form."""
        body = urlencode({"csrfmiddlewaretoken": self.token, **fields})
        more = [
            f"Origin: http://{site.host}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        ]
        return self._request(site, "POST", path, more) + body

    def _request(self, site: Site, method: str, path: str, more: list[str]) -> str:
        names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {site.host}",
            "Accept: text/html",
            "Accept-Language: en-GB",
            "User-Agent: bench",
            f"Cookie: {names[0]}={self.session}; {names[1]}={self.csrf}",
            *more,
        ]
        return "\r\n".join([*lines, "", ""])


def log_in(people: Sequence[Person]) -> list[Browser]:
    """A session for each, as a log-in by emailed code a moment ago leaves it."""
    expires = timezone.now() + timedelta(days=1)
    sessions, browsers = [], []
    for person in people:
        request = HttpRequest()
        request.session = SessionStore()
        record_authentication(request, person, method="code", email=person.email)
        request.session[SESSION_KEY] = str(person.pk)
        request.session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        request.session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        data = request.session.encode(dict(request.session.items()))
        key = secrets.token_hex(16)
        sessions.append(Session(session_key=key, session_data=data, expire_date=expires))
        token = get_token(request)
        browsers.append(Browser(key, request.META["CSRF_COOKIE"], token))
    Session.objects.bulk_create(sessions, batch_size=5000)
    return browsers
