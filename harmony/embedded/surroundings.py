"""The environment of a demonstration on one machine: settings, secrets, and a port for the web server."""

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import MutableMapping
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

from harmony import servers
from harmony.embedded import CHECKOUT, GroundError

_PORTS_TRIED = 200


def fill_in(env: MutableMapping[str, str], var: Path) -> None:
    """Sets in `env` what a demonstration in the folder `var` needs and `env` lacks, and makes the secrets.

    Raises GroundError when the keyring cannot be made.
    """
    _, port = servers.address(env)
    defaults = {
        "DEMONSTRATION": "true",
        "SITE_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "DEFAULT_FROM_EMAIL": "Harmony <harmony@example.org>",
        "EMAIL_URL": f"filemail:///{quote(str(var / 'mail'))}",
        "STATIC_ROOT": str(var / "static"),
        "KEYRING_FILE": str(var / "secrets" / "keyring.json"),
    }
    for name, value in defaults.items():
        env[name] = env.get(name) or value
    env["VAR_DIR"] = str(var)
    env["SECRET_KEY"] = env.get("SECRET_KEY") or _secret_key(var / "secrets" / "secret_key")
    _make_keyring(Path(env["KEYRING_FILE"]))


def _secret_key(path: Path) -> str:
    """The secret key in the file `path`, made at the first start; only its owner can read it."""
    if not path.exists():
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        part.rename(path)
    return path.read_text().strip()


def _make_keyring(path: Path) -> None:
    """A new ring at `path`; or keys for what the one there has none for yet, since it was made by an older version."""
    verb = "complete" if path.exists() else "new"
    command = [sys.executable, "-m", "ledger.keyring", verb, str(path)]
    made = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise GroundError(f"The keyring {path} could not be made: {made.stderr.strip()}")


def reserve_port(env: MutableMapping[str, str], stack: ExitStack) -> list[int]:
    """Holds HOST and PORT, or the first free port from 8000, for the web server until `stack` is closed.

    Sets PORT in `env`, and WEB_LISTENER to the file descriptor of a socket that listens there and that the
    command is to inherit: so two starts at once never take the same. Returns the descriptors to inherit, none
    for a web server that cannot take a socket over. Raises GroundError.
    """
    try:
        host, first = servers.address(env)
        handed_over = servers.can_take_over(env)
        ports = [first] if env.get("PORT") else range(first, first + _PORTS_TRIED)
        listener = next(filter(None, (_listener(host, port) for port in ports)), None)
    except (ValueError, OverflowError) as error:
        raise GroundError(f"The web server cannot be set up so: {error}.") from error
    if listener is None:
        raise GroundError(
            f"Port {first} of {host} is taken or not allowed: set PORT to another, or unset it."
        )
    env["PORT"] = str(listener.getsockname()[1])
    if not handed_over:
        listener.close()
        return []
    stack.callback(listener.close)
    env["WEB_LISTENER"] = str(listener.fileno())
    return [listener.fileno()]


def _listener(host: str, port: int) -> socket.socket | None:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        return None
    return listener
