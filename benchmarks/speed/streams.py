"""Many event streams in one process, each of which checks every event that it gets.

What a read brought is parsed once, also whether its events follow each other (parse_cache.py). What is left for each
stream is whether they follow what it had; where they do not, each event is checked by itself. So one process checks a
million events a second, and is not what is measured.
"""

import asyncio
import time
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from benchmarks.client.event_stream import PATH, Frame, FrameReader
from benchmarks.client.http import request_head
from benchmarks.speed.checker import Batch, Checker
from benchmarks.speed.events import Decode, Item, decode_event
from benchmarks.speed.parse_cache import ParseCache, Piece
from benchmarks.speed.tally import STEPS_PER_SECOND, Histogram

# 100 MB of them.
MAX_ARRIVALS = 1_000_000
MAX_FAULTS = 20
OPEN_SECONDS = 120


@dataclass(frozen=True)
class Plan:
    """How streams are opened: where, and what each must get."""

    port: int
    tokens: list[str]
    path: str = PATH
    last_event_id: int | None = None
    rooms: frozenset[int] | None = None
    # By room, the seq of the first message that each stream must get; a room that is not named begins anywhere.
    expected: dict[int, int] = field(default_factory=dict)
    # A stream has caught up with this seq of this room.
    goal: tuple[int, int] | None = None
    # How many are opened at the same time.
    at_once: int = 500
    # The frame that says that a stream is live; None: the head of the answer does.
    hello: str | None = "hello"
    decode: Decode = decode_event


@dataclass
class Received:
    """What streams got, of one plan or of several together."""

    events: int = 0
    reads: int = 0
    bytes: int = 0
    heartbeats: int = 0
    presence: int = 0
    presence_reads: int = 0
    closed: int = 0
    faults: list[str] = field(default_factory=list)
    latencies: Histogram = field(default_factory=Histogram)
    last_arrival: float = 0.0

    def merge(self, other: "Received") -> None:
        self.events += other.events
        self.reads += other.reads
        self.bytes += other.bytes
        self.heartbeats += other.heartbeats
        self.presence += other.presence
        self.presence_reads += other.presence_reads
        self.closed += other.closed
        self.faults = (self.faults + other.faults)[:MAX_FAULTS]
        self.latencies.merge(other.latencies)
        self.last_arrival = max(self.last_arrival, other.last_arrival)


class Streams:
    """The streams of this process."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.received = Received()
        self.is_closing = False
        self.all: list[Stream] = []
        # When each of the streams that have caught up had.
        self.caught_up: list[float] = []
        self.cache = ParseCache(plan.decode)
        # When batches came; counted when somebody asks, which is behind the measurement, or when there are very many.
        self._arrivals: list[tuple[Batch, float]] = []

    async def open(self) -> None:
        """Open them all, many at a time, and wait until each is live."""
        limit = asyncio.Semaphore(self.plan.at_once)
        async with asyncio.timeout(OPEN_SECONDS):
            await asyncio.gather(*(self._open_one(token, limit) for token in self.plan.tokens))

    async def _open_one(self, token: str, limit: asyncio.Semaphore) -> None:
        async with limit:
            make = partial(Stream, self, token)
            _, stream = await asyncio.get_running_loop().create_connection(make, "127.0.0.1", self.plan.port)
            self.all.append(stream)
            await stream.live

    async def reopen(self, number: int) -> None:
        """End a stream as a network does, and open it again with its last id. What it gets is checked as one."""
        old = self.all[number]
        if not old.has_left:  # else it is on its way back
            await self.replace(number, old.token, old.checker)

    async def replace(self, number: int, token: str, seen: Checker | None = None) -> None:
        """End a stream, and open another in its place."""
        old = self.all[number]
        old.has_left = True
        old.transport.abort()
        make = partial(Stream, self, token, seen)
        _, stream = await asyncio.get_running_loop().create_connection(make, "127.0.0.1", self.plan.port)
        await stream.live
        self.all[number] = stream

    def add_fault(self, fault: str) -> None:
        if len(self.received.faults) < MAX_FAULTS:
            self.received.faults.append(fault)

    def take_received(self) -> Received:
        """What came since the last time. Its latencies are complete only here."""
        self._count_arrivals()
        received, self.received = self.received, Received()
        return received

    def add_arrival(self, batch: Batch, now: float) -> None:
        self._arrivals.append((batch, now))
        if len(self._arrivals) >= MAX_ARRIVALS:
            self._count_arrivals()

    def _count_arrivals(self) -> None:
        arrivals, self._arrivals = self._arrivals, []
        counts = self.received.latencies.counts
        for batch, arrived in arrivals:
            for began in batch.began:
                counts[int((arrived - began) * STEPS_PER_SECOND)] += 1

    def close(self) -> None:
        self.is_closing = True
        for stream in self.all:
            stream.transport.close()


class Stream(asyncio.Protocol):
    """One stream. It goes on behind what the checker of an earlier one has seen, if one is given."""

    def __init__(self, streams: Streams, token: str, seen: Checker | None = None) -> None:
        self._streams = streams
        self.token = token
        self.has_left = False
        self._reader = FrameReader()
        self._goal = streams.plan.goal
        self.checker = seen or Checker(streams.plan.rooms, streams.plan.expected)
        self.live: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        plan = self._streams.plan
        position = self.checker.position if self.checker.position >= 0 else plan.last_event_id
        last = () if position is None else (f"Last-Event-ID: {position}",)
        self.transport.write(request_head("GET", plan.path, self.token, None, "Accept: text/event-stream", *last))

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        streams = self._streams
        received = streams.received
        pieces = streams.cache.pieces_of(self._reader, data)
        if not self.live.done():
            self._take_hello(pieces)
        received.reads += 1
        received.bytes += len(data)
        for piece in pieces:
            batch = piece.batch
            if batch is not None and self.checker.takes(batch):
                received.events += len(batch.began)
                received.last_arrival = now
                streams.add_arrival(batch, now)
            else:
                self._take_items(piece.items, now)
        if self._goal is not None and self.checker.next_seq(self._goal[0]) > self._goal[1]:
            self._goal = None
            streams.caught_up.append(now)

    def _take_items(self, items: list[Item], now: float) -> None:
        received = self._streams.received
        before = received.presence
        for item in items:
            if isinstance(item, Frame):
                self._take_frame(item)
                continue
            fault = self.checker.fault_of(item)
            if fault is not None:
                self._streams.add_fault(fault)
            received.events += 1
            received.latencies.add(now - item.began)
            received.last_arrival = now
        received.presence_reads += received.presence > before

    def _take_frame(self, frame: Frame) -> None:
        if frame.name == "" and not frame.data:
            self._streams.received.heartbeats += 1
        elif frame.name == "presence.changed":
            self._streams.received.presence += 1
        elif frame.name == "hello" and frame.position is not None:
            self.checker.begin_at(frame.position)
        elif frame.name == "reset":
            self._streams.add_fault("a reset, where a resume was due")

    def _take_hello(self, pieces: list[Piece]) -> None:
        hello, status = self._streams.plan.hello, self._reader.status
        if status not in {0, 200}:
            self.live.set_exception(RuntimeError(f"a stream was answered with {status}"))
        elif status:
            names = {item.name for piece in pieces for item in piece.items if isinstance(item, Frame)}
            if hello is None or hello in names:
                self.live.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.live.done():
            self.live.set_exception(ConnectionError("a stream was closed before it was live"))
        if not self._streams.is_closing and not self.has_left:
            self._streams.received.closed += 1
