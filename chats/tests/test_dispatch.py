"""A delivery waits for nearly all streams that it was sent to, and for no others."""

import asyncio
from typing import Any

import pytest

from chats.stream import connection as connection_module
from chats.stream import dispatch as module
from chats.stream.connection import Connection
from chats.stream.dialects import API
from chats.stream.dispatch import Dispatch
from chats.stream.recent_events import Frame
from chats.stream.subscribers import Subscribers
from chatserver.tests.harness.loops import run
from chatserver.tests.harness.rows import row

LIMIT = 10


class Server:
    """Takes what streams send; of the `busy` ones only when the gate is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()

    async def take(self, message: dict[str, Any]) -> None: ...

    async def take_later(self, message: dict[str, Any]) -> None:
        await self.gate.wait()


def listening(subscribers: Subscribers, server: Server, topic: str, *, count: int, busy: int) -> list[Connection]:
    """Streams of one topic, of which so many are busy with what they are sent."""
    task = asyncio.current_task()
    assert task is not None
    connections = [Connection(number, "token:1", None, API, 0, {topic: 0}, task) for number in range(count)]
    for number, connection in enumerate(connections):
        subscribers.add(connection)
        connection.start(server.take_later if number < busy else server.take)
    return connections


@pytest.mark.parametrize(
    ("sent_to", "busy", "others", "waits"),
    [
        (10, 0, 0, False),
        # One in ten is more than a few slow ones, however many hear nothing of it.
        (10, 1, 0, True),
        (10, 1, 1000, True),
        # One in a hundred is not.
        (100, 1, 0, False),
        (1, 1, 1000, True),
    ],
)
def test_it_waits_for_nearly_all_streams_that_it_was_sent_to(
    sent_to: int, busy: int, others: int, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = asyncio.Event()
    checks = 0
    is_busy = Connection.is_busy

    def check(connection: Connection, now: float) -> bool:
        nonlocal checks
        checks += 1
        if checks > 3 * busy:
            checked.set()
        return is_busy(connection, now)

    # By itself it would end far behind our limit.
    monkeypatch.setattr(module, "SEND_WAIT_SECONDS", 100 * LIMIT)
    monkeypatch.setattr(connection_module, "STALLED_SECONDS", 100 * LIMIT)
    monkeypatch.setattr(Connection, "is_busy", check)

    async def main() -> None:
        subscribers, server = Subscribers(), Server()
        listeners = listening(subscribers, server, "test:1", count=sent_to, busy=busy)
        listening(subscribers, server, "test:2", count=others, busy=0)
        dispatch = Dispatch(subscribers)
        dispatch.add(Frame(row(1, "test:1", "test.happened")))
        sending = asyncio.create_task(dispatch.let_send())
        # What a stream's own task does: it awaits the rest of a send.
        taking = [asyncio.create_task(connection.wait()) for connection in listeners[:busy]]
        if waits:
            await asyncio.wait_for(checked.wait(), LIMIT)
            assert not sending.done()
            server.gate.set()
        await asyncio.wait_for(sending, LIMIT)
        for task in taking:
            task.cancel()

    run(main())
