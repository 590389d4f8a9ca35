"""TCP servers of this process, which send what a test says."""

import contextlib
import socket
import threading
from collections.abc import Callable

from chatserver.storage.outbound.client import fetch
from chatserver.storage.outbound.connection import OutboundAnswer

Serve = Callable[[socket.socket], None]


class OneServer:
    """A TCP server on this machine that notes who connects."""

    def __init__(self, family: socket.AddressFamily, address: str, serve: Serve) -> None:
        self.connections = 0
        self._serve = serve
        self._listener = socket.create_server((address, 0), family=family, dualstack_ipv6=family == socket.AF_INET6)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._answer, args=[connection], daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            self._serve(connection)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def answer(body: bytes, head: bytes = b"HTTP/1.1 200 OK\r\n") -> Serve:
    return lambda connection: connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def get(url: str, seconds: float = 5) -> OutboundAnswer:
    return fetch(url, seconds=seconds, most_bytes=1000)
