"""What the tests of outbound requests share."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatserver.storage.outbound.tests.tcp_server import OneServer, Serve, answer


@pytest.fixture
def serving() -> Iterator[Callable[[Serve], OneServer]]:
    servers: list[OneServer] = []

    def start(serve: Serve) -> OneServer:
        servers.append(OneServer(socket.AF_INET, "127.0.0.1", serve))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def everywhere() -> Iterator[OneServer]:
    """A server on every address of this machine."""
    server = OneServer(socket.AF_INET6, "::", answer(b"inside"))
    yield server
    server.close()


@pytest.fixture
def private_allowed(settings: Any) -> None:
    settings.CHAT_OUTBOUND_PRIVATE = True
