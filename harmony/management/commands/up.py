"""`manage.py up`: the whole site on this machine, from an empty database to web, worker and beat."""

import os
import signal
import threading
import time
from io import StringIO
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.urls import reverse

from harmony import servers
from harmony.supervisor import Supervisor

_SECONDS_TO_STOP = 10.0
# Celery advises against root at length; the first thing that a newcomer sees is not the place for it.
_NO_WARNING_OF_ROOT = "ignore:You're running the worker with superuser privileges"


class Command(BaseCommand):
    help = "Prepares the database and static files, then runs web, worker and beat until Ctrl-C."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Runs until a signal asks it to stop; CommandError when one of the three ends by itself."""
        self.started = self.asked_to_stop = False
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._stop)
        self.say("Preparing the database and the static files ...")
        log_ins = self.prepare()
        self.started = True
        supervisor = Supervisor(self.say)
        try:
            self.start(supervisor)
            self.serve(supervisor, log_ins)
        finally:
            self.asked_to_stop = True
            supervisor.stop_all(_SECONDS_TO_STOP)
        self.say("Stopped. The data stay where they are; the next start goes on with them.")

    def say(self, text: str) -> None:
        """Prints `text` at once, for whoever reads along through a pipe."""
        self.stdout.write(text)
        self.stdout.flush()

    def _stop(self, signum: int, _frame: FrameType | None) -> None:
        self.asked_to_stop = True
        if not self.started:
            raise SystemExit(128 + signum)  # what is half done rolls back

    def prepare(self) -> str:
        """Brings database and static files up to date; returns what the demonstration says about itself."""
        said = StringIO()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if settings.DEMONSTRATION:
            call_command("demo", stdout=said)
        connections.close_all()
        return said.getvalue().strip()

    def start(self, supervisor: Supervisor) -> None:
        """Starts the three; the web server takes over the port that WEB_LISTENER holds, where there is one."""
        listening = int(os.environ["WEB_LISTENER"]) if os.environ.get("WEB_LISTENER") else None
        env = {**os.environ, "PYTHONUNBUFFERED": "1"}
        if settings.DEMONSTRATION:
            env.setdefault("PYTHONWARNINGS", _NO_WARNING_OF_ROOT)
        for name in servers.NAMES:
            keep = [listening] if name == "web" and listening is not None else []
            command = servers.command(name, env, listening=listening)
            supervisor.start(name, command, cwd=servers.CHECKOUT, env=env, pass_fds=keep)
        if listening is not None:
            os.close(listening)

    def serve(self, supervisor: Supervisor, log_ins: str) -> None:
        """Relays what the three print, and says once that the site answers."""
        answering = threading.Event()
        threading.Thread(target=_wait_for_answer, args=[answering], daemon=True).start()
        announced = False
        while not self.asked_to_stop:
            supervisor.relay(0.2)
            if (ended := supervisor.ended()) and not self.asked_to_stop:
                raise CommandError(f"{ended} Everything else is stopped too.")
            if answering.is_set() and not announced:
                announced = True
                self.announce(log_ins)

    def announce(self, log_ins: str) -> None:
        """Prints where the site is and who can log in."""
        lines = ["", f"Harmony is ready: {settings.SITE_URL}", "", log_ins]
        if settings.DEMONSTRATION:
            lines += ["", f"Mails that it would have sent: {settings.SITE_URL}{reverse('mail_list')}"]
        self.say("\n".join([*lines, "Ctrl-C stops it.", ""]))


def _wait_for_answer(answering: threading.Event) -> None:
    """Sets `answering` once the web server says that it is healthy."""
    while not servers.is_healthy(os.environ):
        time.sleep(0.2)
    answering.set()
