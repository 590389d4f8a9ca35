"""The listeners, against a server that does wrong on purpose."""

import asyncio
import time
from collections.abc import Callable

import pytest
import uvloop

from benchmarks.frames import Control, FrameReader, Item
from benchmarks.streams import KEY_BYTES, Listeners, Memory, Plan, Seen

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
GOOD = [1, 2, 3, 4, 5, 6]


def frames(seqs: list[int]) -> list[bytes]:
    hello = b"id: 0\nevent: hello\ndata: {}\n\n"
    data = '{"position":%d,"type":"message.created","room_id":0,"data":{"seq":%d,"message":"%f"}}'
    return [
        hello,
        *(
            f"id: {seq}\nevent: message.created\ndata: {data % (seq, seq, time.monotonic())}\n\n".encode()
            for seq in seqs
        ),
    ]


def listen(what: Callable[[int], list[int]], streams: int = 3, *, at_once: int = 1) -> Seen:
    """What listeners see of a server that sends the nth stream the messages of these seqs, and then closes.

    The hello has a chunk of its own, and then so many frames.
    """

    async def run() -> Seen:
        opened = 0

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal opened
            seqs = what(opened)
            opened += 1
            await reader.readuntil(b"\r\n\r\n")
            writer.write(HEAD)
            hello, *told = frames(seqs)
            for chunk in [hello, *(b"".join(told[i : i + at_once]) for i in range(0, len(told), at_once))]:
                writer.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                await writer.drain()
                await asyncio.sleep(0)
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        listeners = Listeners(Plan(port, ["token"] * streams))
        await listeners.open()
        async with asyncio.timeout(10):
            while listeners.seen.closed < streams:
                await asyncio.sleep(0)
        server.close()
        await server.wait_closed()
        return listeners.take_seen()

    return uvloop.run(run())


def test_what_is_right_is_counted_and_has_no_faults() -> None:
    seen = listen(lambda stream: GOOD)
    assert (seen.events, seen.faults, seen.closed) == (18, [], 3)
    assert seen.latencies.count == 18
    assert 0 < seen.latencies.percentile(1.0) < 10


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


def test_what_begins_alike_is_not_taken_for_the_same() -> None:
    memory: Memory[str] = Memory()
    memory.put(b"a" * KEY_BYTES + b"b", "this")
    assert memory.get(b"a" * KEY_BYTES + b"b") == "this"
    assert memory.get(b"a" * KEY_BYTES + b"c") is None
    assert memory.get(b"a" * KEY_BYTES) is None


def test_the_same_bytes_do_not_hide_a_repeat() -> None:
    """What is remembered of a read is what it says, never that it was right."""
    seen = listen(lambda stream: [1, 2, 3, 3], streams=1)
    assert len(seen.faults) == 1


def test_bytes_that_end_something_are_not_what_they_are_alone() -> None:
    """A reader that waits for a rest must not be given what the same bytes meant to one that did not."""
    listeners = Listeners(Plan(0, []))
    fresh, waiting = FrameReader(), FrameReader()
    for reader in (fresh, waiting):
        reader.feed(b"HTTP/1.1 200 OK\r\n\r\n")
    waiting.feed(b"event: hello\n")

    def items_of(reader: FrameReader) -> list[Item]:
        return [item for piece in listeners.pieces_of(reader, b"id: 1\n\n") for item in piece.items]

    assert items_of(fresh) == [Control("", 1)]
    assert items_of(waiting) == [Control("hello", 1)]
    assert items_of(fresh) == [Control("", 1)]
