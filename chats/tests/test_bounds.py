"""I7: nothing in memory grows without a bound. The queues of a stream, of the recent and of the hub."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from chats.stream import connection as limits
from chats.stream import hub as hub_limits
from chats.stream import recent_events as recent_limits
from chats.stream.connection import Connection
from chats.stream.dialects import API
from chats.stream.hub import Hub
from chats.stream.recent_events import Frame, RecentEvents
from chatserver.events.rows import Row
from chatserver.tests.harness.loops import run
from chatserver.tests.harness.rows import row


def in_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run an async test in a loop of its own."""

    def in_thread() -> None:
        run(test())

    in_thread.__name__ = test.__name__
    return in_thread


def make_connection(position: int = 0) -> Connection:
    task = asyncio.get_running_loop().create_task(asyncio.sleep(3600))
    return Connection(1, "token:1", None, API, position, {"room:1": 0}, task)


@in_loop
async def test_a_queue_takes_so_many_frames_and_no_more() -> None:
    connection = make_connection()
    assert all(connection.push(b"x") for _ in range(limits.MAX_WAITING_FRAMES))
    assert not connection.push(b"x")


@in_loop
async def test_a_queue_takes_so_many_bytes_and_no_more() -> None:
    connection = make_connection()
    assert connection.push(b"x" * limits.MAX_WAITING_BYTES)
    assert not connection.push(b"x")


@in_loop
async def test_what_was_taken_makes_room() -> None:
    connection = make_connection()
    for _ in range(3):
        assert connection.push(b"x" * limits.MAX_WAITING_BYTES)
        assert len(await connection.wait()) == limits.MAX_WAITING_BYTES


@in_loop
async def test_a_stream_that_falls_behind_is_cut_by_the_hub_and_others_are_not() -> None:
    hub = Hub(read_nothing)
    slow, quick = make_connection(), make_connection()
    assert hub.attach(slow)
    assert hub.attach(quick)
    keeping_up = asyncio.create_task(hub.keep_up())
    for position in range(1, limits.MAX_WAITING_FRAMES + 10):
        hub.take_rows([row(position)])
        while hub.position < position:
            await asyncio.sleep(0)
        await quick.wait()
    await asyncio.sleep(0)
    assert slow.end_reason == "behind"
    assert slow.task.cancelled()
    assert quick.end_reason is None
    keeping_up.cancel()


@in_loop
async def test_rows_that_do_not_fit_the_inbox_are_read_from_the_log() -> None:
    log = [row(position) for position in range(1, hub_limits.MAX_INBOX_ROWS * 2)]

    async def read_after(position: int, limit: int) -> list[Row]:
        return log[position : position + limit]

    hub = Hub(read_after)
    for start in range(0, len(log), 100):
        hub.take_rows(log[start : start + 100])
    assert len(hub._inbox) <= hub_limits.MAX_INBOX_ROWS
    keeping_up = asyncio.create_task(hub.keep_up())
    while hub.position < log[-1].position:
        await asyncio.sleep(0.001)
    keeping_up.cancel()


async def read_nothing(position: int, limit: int) -> list[Row]:
    return []


@pytest.mark.parametrize(("count", "body"), [(recent_limits.MAX_RECENT_ROWS + 50, "{}"), (12, "x" * (1024 * 1024))])
def test_the_ring_forgets_the_oldest(count: int, body: str) -> None:
    recent = RecentEvents()
    for position in range(1, count + 1):
        recent.append(Frame(row(position, body=body)))
    assert recent.after(0) is None
    newest = recent.after(count - 3)
    assert newest is not None
    assert [frame.row.position for frame in newest] == [count - 2, count - 1, count]
    assert (
        sum(len(frame.row.body) for frame in recent.after(recent._frames[0].row.position - 1) or []) <= 8 * 1024 * 1024
    )
    assert len(recent._frames) <= recent_limits.MAX_RECENT_ROWS


def test_the_ring_gives_what_is_behind_a_position_and_admits_what_it_forgot() -> None:
    recent = RecentEvents()
    assert recent.after(0) is None
    for position in range(5, 10):
        recent.append(Frame(row(position)))
    assert recent.after(3) is None
    assert [frame.row.position for frame in recent.after(4) or []] == [5, 6, 7, 8, 9]
    assert [frame.row.position for frame in recent.after(8) or []] == [9]
    assert recent.after(9) == []
