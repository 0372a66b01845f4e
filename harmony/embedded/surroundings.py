"""The environment of a demonstration on one machine: settings, secrets, and a port for the web server."""

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import MutableMapping
from contextlib import suppress
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
    if path.exists():
        return
    command = [sys.executable, "-m", "ledger.keyring", "new", str(path)]
    made = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise GroundError(f"The keyring {path} could not be made: {made.stderr.strip()}")


def reserve_port(env: MutableMapping[str, str]) -> socket.socket:
    """A socket that listens on HOST and PORT, or on the first free port from 8000; sets PORT in `env`.

    It is held from now on, so that two starts at once never take the same. Raises GroundError.
    """
    try:
        host, first = servers.address(env)
        ports = [first] if env.get("PORT") else range(first, first + _PORTS_TRIED)
        for port in ports:
            with suppress(OSError):
                listener = _listener(host, port)
                env["PORT"] = str(listener.getsockname()[1])
                return listener
    except (ValueError, OverflowError):
        raise GroundError(f"PORT is a number from 1 to 65535, not {env.get('PORT')!r}.") from None
    raise GroundError(f"Port {first} of {host} is taken or not allowed: set PORT to another, or unset it.")


def _listener(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener
