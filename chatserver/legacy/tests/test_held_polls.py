"""Polls of the old /socket.io/ are held until a ping is due or the streams end, and count as streams meanwhile."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from chats.stream.server import StreamServer
from chatserver.legacy import held_polls
from chatserver.legacy.held_polls import HeldPolls


async def never() -> dict[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError


def opened(max_streams: int) -> StreamServer:
    streams = StreamServer(max_streams)
    streams.accept(object())  # type: ignore[arg-type]  # whom it would tell of streams
    return streams


async def poll(streams: StreamServer, *, query: bytes = b"EIO=4&sid=x", status: int = 200) -> list[dict[str, Any]]:
    """What a poll is answered with, where the application behind answers so at once."""
    sent = []

    async def rest(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"1")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"2"})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"method": "GET", "path": "/socket.io/", "query_string": query, "headers": []}
    await HeldPolls(rest, streams)(scope, never, send)
    return sent


def get(*, drains_after: float | None = None, **asked: Any) -> tuple[list[dict[str, Any]], float]:
    """What a poll is answered with, and after how many seconds."""

    async def run() -> tuple[list[dict[str, Any]], float]:
        streams, loop = opened(10), asyncio.get_running_loop()
        if drains_after == 0:
            await streams.drain()
        elif drains_after is not None:
            loop.call_later(drains_after, lambda: loop.create_task(streams.drain()))
        began = loop.time()
        sent = await poll(streams, **asked)
        streams.close()
        return sent, loop.time() - began

    return asyncio.run(run())


@pytest.fixture
def quick_pings(monkeypatch: pytest.MonkeyPatch) -> Iterator[float]:
    monkeypatch.setattr(held_polls, "PING_SECONDS", 0.3)
    yield 0.3


def test_a_poll_is_held_until_a_ping_is_due(quick_pings: float) -> None:
    sent, seconds = get()
    assert sent[1]["body"] == b"2"
    assert seconds >= quick_pings


def test_what_opens_a_connection_and_what_is_refused_is_not_held() -> None:
    for status, query in ((200, b"EIO=4"), (401, b"EIO=4&sid=x")):
        sent, seconds = get(query=query, status=status)
        assert (sent[0]["status"], seconds < 20) == (status, True)


def test_a_drain_ends_the_polls_that_are_held_and_lets_nobody_connect() -> None:
    sent, seconds = get(drains_after=0.05)
    assert (sent[0]["status"], sent[1]["body"], seconds < 20) == (200, b"1", True)
    for query in (b"EIO=4", b"EIO=4&sid=x"):
        sent, _ = get(query=query, drains_after=0)
        assert sent[0]["status"] == 503


def test_a_poll_takes_the_place_of_a_stream_as_long_as_it_is_held(quick_pings: float) -> None:
    async def run() -> list[int]:
        streams = opened(1)
        together = await asyncio.gather(poll(streams), poll(streams))
        answers = [*together, await poll(streams)]
        streams.close()
        return [answer[0]["status"] for answer in answers]

    assert asyncio.run(run()) == [200, 503, 200]
