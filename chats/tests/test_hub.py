"""The hub goes on after an error that nobody foresaw, and nobody misses or hears anything twice in silence (I4)."""

import asyncio
from typing import Any

import pytest

from chats.stream import hub as module
from chats.stream.connection import Connection
from chats.stream.dialects import API, ApiDialect, Dialect
from chats.stream.heartbeats import Heartbeats
from chats.stream.hub import Hub
from chatserver.events.models import Kind
from chatserver.events.rows import Row
from chatserver.tests.harness.loops import run
from chatserver.tests.harness.rows import row

LIMIT = 10


async def nothing(position: int, limit: int) -> list[Row]:
    return []


def connection_at(position: int, dialect: Dialect = API) -> Connection:
    task = asyncio.current_task()
    assert task is not None
    return Connection(1, "token:1", None, dialect, position, {"test:1": 0}, task)


class SilentDialect(ApiDialect):
    """Has no word for any event."""

    def event(self, row: Row) -> bytes:
        return b""


class PoisonedDialect(ApiDialect):
    def event(self, row: Row) -> bytes:
        if row.position == 1:
            raise RuntimeError("nobody foresaw this")
        return super().event(row)


def row_at(position: int) -> Row:
    return row(position, "test:1", "test.happened")


def test_a_revocation_of_keys_ends_what_they_opened_for_others_and_nothing_else() -> None:
    async def main() -> None:
        hub = Hub(nothing)
        task = asyncio.current_task()
        kinds = [("key:3", 9), ("key:4", 9), ("key:5", 8), ("token:3", None)]
        opened = [Connection(1, name, None, API, 0, {}, task, service_id) for name, service_id in kinds]
        assert all(hub.attach(connection) for connection in opened)
        for position, user_id, body, ended in (
            (1, 9, '{"credential":"key:3"}', [True, False, False, False]),
            (2, 9, '{"credential":null}', [True, True, False, False]),
            (3, 1, '{"credential":"key:"}', [True, True, True, False]),
        ):
            revocation = Row(position, Kind.REVOKE, "user:1", "logged_out", None, None, None, 0.0, body, [user_id])
            hub.subscribers.apply(revocation)
            assert [connection.end_reason is not None for connection in opened] == ended

    run(main())


def test_a_row_that_breaks_ends_the_streams_and_the_next_one_is_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    def attached(hub: Hub) -> Connection:
        connection = connection_at(hub.position, PoisonedDialect())
        assert hub.attach(connection)
        return connection

    async def main() -> None:
        hub = Hub(nothing)
        keeping_up = asyncio.create_task(hub.keep_up())
        poisoned = attached(hub)
        hub.take_rows([row_at(1)])
        assert b'"reason":"error"' in await asyncio.wait_for(poisoned.wait(), LIMIT)
        assert await asyncio.wait_for(poisoned.wait(), LIMIT) == b""
        healthy = attached(hub)
        hub.take_rows([row_at(2)])
        assert b"id: 2\n" in await asyncio.wait_for(healthy.wait(), LIMIT)
        keeping_up.cancel()

    monkeypatch.setattr(module, "HUB_RETRY_SECONDS", 0.01)
    run(main())


def test_a_heartbeat_moves_nobody_back() -> None:
    """A stream that opens while the hub is behind has received more than the hub has delivered."""

    async def main() -> None:
        hub = Hub(nothing)
        hub.position = 3
        ahead, level = connection_at(5), connection_at(3)
        for connection in (ahead, level):
            assert hub.attach(connection)
            Heartbeats(hub).beat(connection)
        assert await asyncio.wait_for(ahead.wait(), LIMIT) == API.heartbeat(5)
        assert await asyncio.wait_for(level.wait(), LIMIT) == API.heartbeat(3)

    run(main())


def test_a_stream_stays_open_where_all_it_missed_while_it_opened_has_no_word_in_its_dialect() -> None:
    """Nothing to send is no end."""

    async def main() -> None:
        hub = Hub(nothing)
        keeping_up = asyncio.create_task(hub.keep_up())
        witness, old = connection_at(0), connection_at(0, SilentDialect())
        assert hub.attach(witness)
        hub.take_rows([row_at(1)])
        assert b"id: 1\n" in await asyncio.wait_for(witness.wait(), LIMIT)
        assert hub.attach(old)
        waiting = asyncio.create_task(old.wait())
        hub.take_rows([row_at(2)])
        assert b"id: 2\n" in await asyncio.wait_for(witness.wait(), LIMIT)
        assert not waiting.done()
        Heartbeats(hub).beat(old)
        assert await asyncio.wait_for(waiting, LIMIT) == API.heartbeat(2)
        keeping_up.cancel()

    run(main())


def test_ephemeral_events_that_come_together_are_one_piece_for_each_stream_and_shared_by_those_that_hear_the_same() -> (
    None
):
    async def main() -> None:
        hub = Hub(nothing)
        task = asyncio.current_task()
        sent: dict[int, list[bytes]] = {}

        def open_stream(number: int, topics: str) -> Connection:
            connection = Connection(number, "token:1", None, API, 0, dict.fromkeys(topics, 0), task)
            assert hub.attach(connection)
            sent[number] = []

            async def send(message: dict[str, Any]) -> None:
                sent[number].append(message["body"])

            connection.start(send)
            return connection

        for number, topics in enumerate(("a", "ab", "ab", "c", "d")):
            open_stream(number, topics)
        told = [(["a", "b"], "one"), (["b"], "two"), (["c", "a"], "three")]
        hub.take_ephemerals([(topics, row(0, "", "test.happened", f'"{body}"')) for topics, body in told])
        await asyncio.sleep(0)
        assert [len(pieces) for pieces in sent.values()] == [1, 1, 1, 1, 0]
        words = [
            [word for word in ("one", "two", "three") if word.encode() in b"".join(sent[number])] for number in range(4)
        ]
        assert words == [["one", "three"], ["one", "two", "three"], ["one", "two", "three"], ["three"]]
        assert sent[1][0] is sent[2][0]

    run(main())
