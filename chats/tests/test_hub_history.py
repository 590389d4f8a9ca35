"""The hub where the log jumps, and where PostgreSQL lost what was delivered: nobody misses anything in silence (I4)."""

import asyncio

from chats.stream.connection import Connection
from chats.stream.dialects import API
from chats.stream.hub import Hub
from chatserver.events.log import HistoryLost
from chatserver.events.rows import Row
from chatserver.tests.harness.loops import run
from chatserver.tests.harness.rows import row

LIMIT = 10


def row_at(position: int) -> Row:
    return row(position, "test:1", "test.happened")


class FakeLog:
    """The log as the hub reads it: rows by position; what is not there was lost."""

    def __init__(self, *positions: int) -> None:
        self.positions = list(positions)

    async def read_after(self, position: int, limit: int) -> list[Row]:
        if position not in {0, *self.positions}:
            raise HistoryLost(self.positions[-1])
        return [row_at(known) for known in self.positions if known > position][:limit]


def attached(hub: Hub, position: int | None = None) -> Connection:
    task = asyncio.current_task()
    assert task is not None
    at = hub.position if position is None else position
    connection = Connection(1, "token:1", None, API, at, {"test:1": 0}, task)
    assert hub.attach(connection)
    return connection


def test_a_jump_that_the_log_has_is_followed_and_one_that_it_has_not_is_not() -> None:
    async def main() -> None:
        log = FakeLog(1, 2, 1001)
        hub = Hub(log.read_after)
        hub.take_rows([row_at(1)])
        keeping_up = asyncio.create_task(hub.keep_up())
        stream = attached(hub)
        # Only the log knows that nothing lies between 1 and 1001, and here something does.
        hub.take_rows([row_at(1001)])
        heard = b""
        while b"id: 1001\n" not in heard:
            heard += await asyncio.wait_for(stream.wait(), LIMIT)
        assert [line for line in heard.splitlines() if line.startswith(b"id:")] == [b"id: 1", b"id: 2", b"id: 1001"]
        hub.take_rows([row_at(1002)])
        assert b"id: 1002\n" in await asyncio.wait_for(stream.wait(), LIMIT)
        assert [frame.row.position for frame in hub.recent.after(1001) or []] == [1002]
        assert hub.recent.after(2) is None
        keeping_up.cancel()

    run(main())


def test_a_hub_that_is_ahead_of_the_log_ends_its_streams_and_begins_afresh() -> None:
    async def main() -> None:
        log = FakeLog(1, 2, 3)
        hub = Hub(log.read_after)
        keeping_up = asyncio.create_task(hub.keep_up())
        stream = attached(hub)
        hub.check_log()
        assert b"id: 3\n" in await asyncio.wait_for(stream.wait(), LIMIT)
        log.positions = [1, 2]
        hub.check_log()
        assert b'"reason":"lost"' in await asyncio.wait_for(stream.wait(), LIMIT)
        assert await asyncio.wait_for(stream.wait(), LIMIT) == b""
        assert (hub.position, hub.history, hub.recent.after(1)) == (2, 1, None)
        newcomer = attached(hub)
        log.positions = [1, 2, 1001]
        hub.take_rows([row_at(1001)])
        assert b"id: 1001\n" in await asyncio.wait_for(newcomer.wait(), LIMIT)
        keeping_up.cancel()

    run(main())


def test_streams_that_know_more_than_the_hub_end_where_that_was_lost() -> None:
    """They were let in at the log's end, which the hub had yet to read when a replica took over that lacks it."""

    async def main() -> None:
        log = FakeLog(1, 2, 1001)
        hub = Hub(log.read_after)
        hub.position = 2
        # Behind the jump, and further than the log has come by now: on an end that had a jump of its own.
        strays = [attached(hub, 5), attached(hub, 5000)]
        sound = [attached(hub, 2), attached(hub, 1001)]
        keeping_up = asyncio.create_task(hub.keep_up())
        for stray in strays:
            heard = await asyncio.wait_for(stray.wait(), LIMIT)
            assert b'"reason":"lost"' in heard
            assert b"id: " not in heard
        assert b"id: 1001\n" in await asyncio.wait_for(sound[0].wait(), LIMIT)
        log.positions.append(1002)
        hub.check_log()
        for stream in sound:
            assert b"id: 1002\n" in await asyncio.wait_for(stream.wait(), LIMIT)
        assert hub.history == 0
        keeping_up.cancel()

    run(main())


def test_a_stream_that_knows_more_than_the_hub_ends_also_where_nobody_writes() -> None:
    async def main() -> None:
        hub = Hub(FakeLog(1, 2).read_after)
        hub.position = 2
        stray = attached(hub, 5)
        keeping_up = asyncio.create_task(hub.keep_up())
        assert b'"reason":"lost"' in await asyncio.wait_for(stray.wait(), LIMIT)
        keeping_up.cancel()

    run(main())
