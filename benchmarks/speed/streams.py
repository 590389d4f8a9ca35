"""Many event streams in one process, each of which checks every event that it gets.

What a read brought is known with whether its events follow each other as they must (pieces.py). What is left for each
stream is to check that they go on where it stands; where they do not, each event is looked at by itself. That is what
lets one process check a million events a second without being what is measured.
"""

import asyncio
import time
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from benchmarks.client.event_stream import Control, Decode, FrameReader, Item, decode_event
from benchmarks.speed.checker import Checker, Run
from benchmarks.speed.histogram import STEPS_PER_SECOND, Histogram
from benchmarks.speed.parse_cache import Piece, Translator

# 100 MB of them.
MAX_ARRIVALS = 1_000_000
MAX_FAULTS = 20
OPEN_SECONDS = 120


@dataclass(frozen=True)
class Plan:
    """How streams are opened: where, and what each must see."""

    port: int
    tokens: list[str]
    path: str = "/api/v1/stream"
    last_event_id: int | None = None
    rooms: frozenset[int] | None = None
    # By room, the seq of the first message that each stream must see; a room that is not named begins anywhere.
    expected: dict[int, int] = field(default_factory=dict)
    # A stream has caught up with this seq of this room.
    goal: tuple[int, int] | None = None
    # How many are opened at the same time.
    at_once: int = 500
    # The control frame that says that a stream is live; None: the head of the answer does.
    greeting: str | None = "hello"
    decode: Decode = decode_event


@dataclass
class Seen:
    """What streams saw, of one process or of several together."""

    events: int = 0
    reads: int = 0
    bytes: int = 0
    heartbeats: int = 0
    closed: int = 0
    faults: list[str] = field(default_factory=list)
    latencies: Histogram = field(default_factory=Histogram)
    last_arrival: float = 0.0

    def merge(self, other: "Seen") -> None:
        self.events += other.events
        self.reads += other.reads
        self.bytes += other.bytes
        self.heartbeats += other.heartbeats
        self.closed += other.closed
        self.faults = (self.faults + other.faults)[:MAX_FAULTS]
        self.latencies.merge(other.latencies)
        self.last_arrival = max(self.last_arrival, other.last_arrival)


class Listeners:
    """The streams of this process."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.seen = Seen()
        self.is_closing = False
        # The position that the greeting of the last stream gave.
        self.position = -1
        self.streams: list[Stream] = []
        # When each of the streams that have caught up had.
        self.caught_up: list[float] = []
        self.translator = Translator(plan.decode)
        # When runs came; counted when somebody asks, which is behind the measurement, or when there are very many.
        self._arrivals: list[tuple[Run, float]] = []

    async def open(self) -> None:
        """Open them all, many at a time, and wait until each is live."""
        doors = asyncio.Semaphore(self.plan.at_once)
        async with asyncio.timeout(OPEN_SECONDS):
            await asyncio.gather(*(self._open_one(token, doors) for token in self.plan.tokens))

    async def _open_one(self, token: str, doors: asyncio.Semaphore) -> None:
        async with doors:
            make = partial(Stream, self, token)
            _, stream = await asyncio.get_running_loop().create_connection(make, "127.0.0.1", self.plan.port)
            self.streams.append(stream)
            await stream.live

    def note_fault(self, fault: str) -> None:
        if len(self.seen.faults) < MAX_FAULTS:
            self.seen.faults.append(fault)

    def take_seen(self) -> Seen:
        """What was seen since the last time. Its latencies are complete only here."""
        self._count_arrivals()
        seen, self.seen = self.seen, Seen()
        return seen

    def note_arrival(self, run: Run, now: float) -> None:
        self._arrivals.append((run, now))
        if len(self._arrivals) >= MAX_ARRIVALS:
            self._count_arrivals()

    def _count_arrivals(self) -> None:
        arrivals, self._arrivals = self._arrivals, []
        counts = self.seen.latencies.counts
        for run, arrived in arrivals:
            for began in run.begans:
                counts[int((arrived - began) * STEPS_PER_SECOND)] += 1

    def close(self) -> None:
        self.is_closing = True
        for stream in self.streams:
            stream.transport.close()


class Stream(asyncio.Protocol):
    """One stream."""

    def __init__(self, listeners: Listeners, token: str) -> None:
        self._listeners = listeners
        self._token = token
        self._reader = FrameReader()
        self._goal = listeners.plan.goal
        self.checker = Checker(listeners.plan.rooms, listeners.plan.expected)
        self.live: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        plan = self._listeners.plan
        who = f"Authorization: Bearer {self._token}\r\n" if self._token else ""
        last = "" if plan.last_event_id is None else f"Last-Event-ID: {plan.last_event_id}\r\n"
        self.transport.write(
            f"GET {plan.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n{who}{last}\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        listeners = self._listeners
        seen = listeners.seen
        pieces = listeners.translator.pieces_of(self._reader, data)
        if not self.live.done():
            self._greet(pieces)
        seen.reads += 1
        seen.bytes += len(data)
        for piece in pieces:
            run = piece.run
            if run is not None and self.checker.takes(run):
                seen.events += len(run.begans)
                seen.last_arrival = now
                listeners.note_arrival(run, now)
            else:
                self._take_items(piece.items, now)
        if self._goal is not None and self.checker.next_seq(self._goal[0]) > self._goal[1]:
            self._goal = None
            listeners.caught_up.append(now)

    def _take_items(self, items: list[Item], now: float) -> None:
        listeners = self._listeners
        seen = listeners.seen
        for item in items:
            if isinstance(item, Control):
                self._take_control(item)
                continue
            fault = self.checker.fault_of(item)
            if fault is not None:
                listeners.note_fault(fault)
            seen.events += 1
            seen.latencies.add(now - item.began)
            seen.last_arrival = now

    def _greet(self, pieces: list[Piece]) -> None:
        greeting = self._listeners.plan.greeting
        if self._reader.status not in {0, 200}:
            self.live.set_exception(RuntimeError(f"a stream was answered with {self._reader.status}"))
        elif self._reader.status == 200 and (
            greeting is None
            or any(isinstance(item, Control) and item.name == greeting for piece in pieces for item in piece.items)
        ):
            self.live.set_result(None)

    def _take_control(self, item: Control) -> None:
        if item.name == "":
            self._listeners.seen.heartbeats += 1
        elif item.name == "hello":
            self._listeners.position = item.position
        elif item.name == "reset":
            self._listeners.note_fault("a reset, where a resume was due")

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.live.done():
            self.live.set_exception(ConnectionError("a stream was closed before it was live"))
        if not self._listeners.is_closing:
            self._listeners.seen.closed += 1
