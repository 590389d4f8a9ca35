"""Streams, against a server that does wrong on purpose."""

import asyncio
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
import uvloop

from benchmarks.speed import streams
from benchmarks.speed.streams import Plan, Received, Stream, Streams

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
GOOD = [1, 2, 3, 4, 5, 6]


def chunk(frames: list[bytes]) -> bytes:
    text = b"".join(frames)
    return b"%x\r\n%s\r\n" % (len(text), text)


def frames(seqs: list[int], began: float | None = None) -> list[bytes]:
    """A hello, and messages of room 0 that were posted then (None: now)."""
    text = time.monotonic() if began is None else began
    data = '{"position":%d,"type":"message.created","room_id":0,"data":{"seq":%d,"message":"%f"}}'
    told = [f"id: {seq}\nevent: message.created\ndata: {data % (seq, seq, text)}\n\n".encode() for seq in seqs]
    return [b"id: 0\nevent: hello\ndata: {}\n\n", *told]


def listen(what: Callable[[int], list[int]], streams: int = 3, *, at_once: int = 1) -> Received:
    """What group see of a server that sends the nth stream the messages of these seqs, and then closes.

    The hello has a chunk of its own, and then so many frames.
    """

    async def run() -> Received:
        opened = 0

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal opened
            seqs = what(opened)
            opened += 1
            await reader.readuntil(b"\r\n\r\n")
            writer.write(HEAD)
            hello, *told = frames(seqs)
            for together in [[hello], *(told[i : i + at_once] for i in range(0, len(told), at_once))]:
                writer.write(chunk(together))
                await writer.drain()
                await asyncio.sleep(0)
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        group = Streams(Plan(port, ["token"] * streams))
        await group.open()
        async with asyncio.timeout(10):
            while group.received.closed < streams:
                await asyncio.sleep(0)
        server.close()
        await server.wait_closed()
        return group.take_received()

    return uvloop.run(run())


def test_what_is_right_is_counted_and_has_no_faults() -> None:
    seen = listen(lambda stream: GOOD)
    assert (seen.events, seen.faults, seen.closed) == (18, [], 3)
    assert seen.latencies.count == 18
    assert 0 < seen.latencies.percentile_ms(1.0) < 10_000


@pytest.mark.parametrize(("seqs", "what"), [([1, 2, 4], "gap"), ([1, 2, 2, 3], "repeat"), ([1, 3, 2], "gap")])
def test_one_bad_stream_among_good_ones_is_found(seqs: list[int], what: str) -> None:
    seen = listen(lambda stream: seqs if stream == 2 else GOOD)
    assert seen.faults
    assert seen.faults[0].startswith(what)


@pytest.mark.parametrize("at_once", [2, 3, 6])
def test_events_that_come_together_are_checked_like_those_that_come_alone(at_once: int) -> None:
    seen = listen(lambda stream: GOOD, at_once=at_once)
    assert (seen.events, seen.faults, seen.latencies.count) == (18, [], 18)


@pytest.mark.parametrize("at_once", [2, 3, 6])
@pytest.mark.parametrize("seqs", [[1, 2, 3, 5, 6, 7], [1, 2, 3, 3, 4, 5], [1, 3, 2, 4, 5, 6]])
def test_a_fault_among_events_that_come_together_is_found(seqs: list[int], at_once: int) -> None:
    assert listen(lambda stream: seqs if stream == 2 else GOOD, at_once=at_once).faults


def test_the_same_bytes_do_not_hide_a_repeat() -> None:
    """What is remembered of a read is what it says, never that it was right."""
    seen = listen(lambda stream: [1, 2, 3, 3], streams=1)
    assert len(seen.faults) == 1


def test_latencies_of_events_that_came_together_are_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> Received:
        group = Streams(Plan(0, []))
        stream = Stream(group, "token")
        stream.data_received(HEAD + chunk(frames([])))
        stream.data_received(chunk(frames([1], began=19.0)[1:]))
        # More than are kept before they are counted.
        for seqs in ([2, 3], [4, 5], [6, 7]):
            stream.data_received(chunk(frames(seqs, began=19.5)[1:]))
        assert group.received.latencies.count == 5
        return group.take_received()

    monkeypatch.setattr(streams, "MAX_ARRIVALS", 2)
    monkeypatch.setattr(streams, "time", SimpleNamespace(monotonic=lambda: 20.0))
    assert uvloop.run(run()).latencies.counts == {10_000: 1, 5_000: 6}


def test_a_reset_among_events_that_came_together_is_found() -> None:
    async def run() -> Received:
        group = Streams(Plan(0, []))
        stream = Stream(group, "token")
        hello, *told = frames([1, 2, 3])
        stream.data_received(HEAD + chunk([hello]))
        stream.data_received(chunk(told[:1]))
        stream.data_received(chunk([told[1], b"id: 2\nevent: reset\ndata: {}\n\n", b"id: 2\n\n", told[2]]))
        return group.take_received()

    seen = uvloop.run(run())
    assert (seen.events, seen.heartbeats, seen.faults) == (3, 1, ["a reset, where a resume was due"])
