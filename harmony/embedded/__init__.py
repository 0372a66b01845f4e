"""Runs a command with a PostgreSQL and a Valkey of its own, for a machine that has neither.

    python -m harmony.embedded [--var DIR] [--fast] [--web] -- COMMAND ...

Whatever the environment already says is kept: with DATABASE_URL or REDIS_URL set, that server is not started
here. What it leaves open is filled in: the servers' addresses, secrets (made once, kept in DIR/secrets), and
settings for a demonstration on this machine. Both servers listen on Unix sockets only. They end with the
command, and the command's exit code is ours.
"""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent


class GroundError(Exception):
    """Why there is no ground to run on, as a sentence for the person at the terminal."""
