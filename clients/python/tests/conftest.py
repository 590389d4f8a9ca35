"""Servers with scripts, and pauses that take no time."""

from collections.abc import Callable, Iterator

import pytest
from chatserver_client import following
from chatserver_client._async import transport as async_transport
from chatserver_client._sync import transport as sync_transport

from clients.python.tests.scripted import ScriptedServer


@pytest.fixture
def script() -> Iterator[Callable[..., ScriptedServer]]:
    servers: list[ScriptedServer] = []

    def start(*answers: bytes) -> ScriptedServer:
        servers.append(ScriptedServer(answers))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (following, async_transport, sync_transport):
        monkeypatch.setattr(module.random, "uniform", lambda least, most: 0.0)
