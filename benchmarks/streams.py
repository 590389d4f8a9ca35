"""Many event streams in one process, each of which checks every event that it gets.

All streams of a room are sent the same bytes. So the bytes of one read are taken apart once and the result is
remembered, with whether these events follow each other as they must. What is left for each stream is to check that they
go on where it stands; where they do not, each event is looked at by itself. That is what lets one process check a
million events a second without being what is measured.
"""

import asyncio
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar, cast

from benchmarks.checker import Checker, Run, run_of
from benchmarks.frames import Control, Decode, Event, FrameReader, Item, decode_event, frames_of
from benchmarks.histogram import STEPS_PER_SECOND, Histogram

MEMORY_ENTRIES = 2_000
# So many of its first bytes tell a read from others, nearly always: they hold the position of its first event.
KEY_BYTES = 64
MAX_FAULTS = 20
OPEN_SECONDS = 120

Known = TypeVar("Known")


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


@dataclass(frozen=True)
class Piece:
    """What some bytes say. `run`: its events, where they follow each other as they must."""

    items: list[Item]
    run: Run | None


class Memory(Generic[Known]):
    """What is known of bytes that came before.

    Found by their beginning and compared in full: that takes a tenth of the time of hashing them.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, bytes], tuple[bytes, Known]] = {}

    def get(self, data: bytes) -> Known | None:
        known = self._known.get((len(data), data[:KEY_BYTES]))
        return known[1] if known is not None and known[0] == data else None

    def put(self, data: bytes, what: Known) -> None:
        if len(self._known) >= MEMORY_ENTRIES:
            self._known.clear()
        self._known[len(data), data[:KEY_BYTES]] = (data, what)


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
        # When runs of several events came; counted when somebody asks, which is behind the measurement.
        self.arrivals: list[tuple[Run, float]] = []
        self._reads: Memory[list[Piece]] = Memory()
        self._pieces: Memory[Piece] = Memory()
        self._frames: Memory[Item] = Memory()

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

    def pieces_of(self, reader: FrameReader, data: bytes) -> list[Piece]:
        """What a read brought. The same bytes, met by a reader that waits for no rest, say the same.

        Of a read that was cut elsewhere, the pieces that are whole are mostly known.
        """
        was_clean = reader.is_clean
        if was_clean and (known := self._reads.get(data)) is not None:
            return known
        pieces = [self._piece_of(text) for text in reader.feed(data)]
        if was_clean and reader.is_clean:
            self._reads.put(data, pieces)
        return pieces

    def _piece_of(self, text: bytes) -> Piece:
        piece = self._pieces.get(text)
        if piece is None:
            items = [self._item_of(frame) for frame in frames_of(text)]
            events = [item for item in items if isinstance(item, Event)]
            piece = Piece(items, run_of(events) if len(events) == len(items) else None)
            self._pieces.put(text, piece)
        return piece

    def _item_of(self, frame: bytes) -> Item:
        """What a frame says. Those of a piece that one stream alone got, with its own greeting, are mostly known."""
        item = self._frames.get(frame)
        if item is None:
            item = self.plan.decode(frame)
            self._frames.put(frame, item)
        return item

    def note_fault(self, fault: str) -> None:
        if len(self.seen.faults) < MAX_FAULTS:
            self.seen.faults.append(fault)

    def take_seen(self) -> Seen:
        """What was seen since the last time."""
        seen, self.seen = self.seen, Seen()
        arrivals, self.arrivals = self.arrivals, []
        counts = seen.latencies.counts
        for run, arrived in arrivals:
            for began in run.begans:
                counts[int((arrived - began) * STEPS_PER_SECOND)] += 1
        return seen

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
        pieces = listeners.pieces_of(self._reader, data)
        if not self.live.done():
            self._greet(pieces)
        seen.reads += 1
        seen.bytes += len(data)
        for piece in pieces:
            run = piece.run
            if run is not None and self.checker.takes(run):
                seen.events += len(run.begans)
                seen.last_arrival = now
                listeners.arrivals.append((run, now))
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
