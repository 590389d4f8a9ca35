"""Fan-out: takes the rows of the log in order and queues each event for the streams that may hear it.

Invariants:
- Rows are delivered in the log's order without a gap. A row that does not follow the last position is read from the
  log, which alone can say that nothing lies between (positions jump when PostgreSQL was started anew).
- Where the last position is not in the log, PostgreSQL lost rows that were delivered: all streams end, come back and
  get a reset. So does a stream that was attached ahead of the hub, at a position that is not in the log.
- Who hears what changes only by rows of the log. So a stream that was attached at position P and is given every row
  after P has exactly what it is entitled to.
- An event is encoded once per process and dialect.
All of it runs in the event loop; only keep_up() and reach() wait.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

import structlog
from django.db import Error

from chats.stream import metrics
from chats.stream.connection import Connection
from chats.stream.dispatch import Dispatch
from chats.stream.position_waiters import PositionWaiters
from chats.stream.recent_events import Frame, RecentEvents
from chats.stream.subscribers import Subscribers, apply_frame
from chatserver.events.log import HistoryLost
from chatserver.events.rows import Row
from chatserver.storage.outages import database_outage

CATCH_UP_BATCH = 500
# Rows that wait to be delivered; past that they are dropped here, and read from the log later.
MAX_INBOX_ROWS = 2_000
# After so much of a batch the streams are given time to send.
DELIVERY_BYTES = 64 * 1024
DELIVERY_ROWS = 100
# After a delivery of several events the hub pauses, for as long as the delivery took times their number less one,
# within these limits. Events that come meanwhile share the next send, which costs the same for one event as for ten. A
# single event is followed by no pause, so there is no delay until events come faster than they can be sent.
MAX_PAUSE_FACTOR = 10
MAX_HUB_PAUSE_SECONDS = 0.1
# How long a row may stay unseen when no broadcast brings it (Redis is away). I5 and I6 allow 1 s.
HUB_POLL_SECONDS = 0.4
HUB_RETRY_SECONDS = 1.0
# How long an opening stream waits for a row that it has seen in the log: for its broadcast, then for a read of the log.
BROADCAST_WAIT_SECONDS = 0.05
REACH_SECONDS = 0.5

logger = structlog.get_logger(__name__)

ReadAfter = Callable[[int, int], Awaitable[list[Row]]]


class Hub:
    """The streams of one process. `read_after(position, limit)` reads the log without blocking the loop."""

    def __init__(self, read_after: ReadAfter) -> None:
        self.position = 0
        # How many times the log's history was found lost.
        self.history = 0
        self.recent = RecentEvents()
        self.subscribers = Subscribers()
        self.dispatch = Dispatch(self.subscribers)
        self._read_after = read_after
        # Streams that were attached ahead of the hub's position.
        self._ahead: set[Connection] = set()
        self._inbox: deque[Row] = deque()
        self._is_behind = False
        self._waiters = PositionWaiters()
        self._wake = asyncio.Event()

    @property
    def connections(self) -> list[Connection]:
        return self.subscribers.connections

    @property
    def count(self) -> int:
        return len(self.subscribers)

    # Rows of the log

    def take_rows(self, rows: list[Row]) -> None:
        """Queue a batch for keep_up(). What does not fit is dropped here and read from the log later."""
        if len(self._inbox) + len(rows) <= MAX_INBOX_ROWS:
            self._inbox.extend(rows)
        else:
            self._is_behind = True
        self._wake.set()

    def check_log(self) -> None:
        """Have keep_up() read the log now."""
        self._is_behind = True
        self._wake.set()

    async def keep_up(self) -> None:
        """Deliver what arrives, and read from the log what no broadcast brought. Runs as long as the process."""
        loop = asyncio.get_running_loop()
        poll_at = loop.time()
        while True:
            try:
                async with asyncio.timeout_at(poll_at):
                    await self._wake.wait()
            except TimeoutError:
                self._is_behind = True
                poll_at = loop.time() + HUB_POLL_SECONDS
            self._wake.clear()
            try:
                await self._empty_inbox()
                if self._is_behind:
                    await self._catch_up()
            except Error as error:  # PostgreSQL is away: the streams stay open, and go on when it is back
                database_outage.note(error, by="hub")
                self._is_behind = True
                await asyncio.sleep(HUB_RETRY_SECONDS)
            except Exception:  # a bug: it is unknown what each stream got, so all end and their clients resume
                logger.exception("hub_broke", position=self.position)
                self._end_all("error")
                await asyncio.sleep(HUB_RETRY_SECONDS)

    def _end_all(self, reason: str) -> None:
        """End all streams: their clients reconnect, and resume from what they received (I4)."""
        for connection in self.connections:
            connection.end(reason)

    async def _empty_inbox(self) -> None:
        while self._inbox:
            rows = [self._inbox.popleft() for _ in range(len(self._inbox))]
            began = time.monotonic()
            await self._deliver_all(rows)
            seconds = (time.monotonic() - began) * min(len(rows) - 1, MAX_PAUSE_FACTOR)
            await asyncio.sleep(min(seconds, MAX_HUB_PAUSE_SECONDS))

    async def _catch_up(self) -> None:
        self._is_behind = False
        is_at_end = False
        try:
            while not is_at_end:
                # Their positions were in the log before this read. Where it does not reach them, they were lost.
                known = [connection for connection in self._ahead if connection.position > self.position]
                rows = await self._read_after(self.position, CATCH_UP_BATCH)
                is_at_end = len(rows) < CATCH_UP_BATCH
                if rows:
                    metrics.CATCH_UPS.inc()
                    await self._deliver_all(rows, is_from_log=True)
        except HistoryLost as lost:
            self._start_over(lost.head)
        else:
            self._end_lost(known)
            self._ahead = {connection for connection in self._ahead if connection.position > self.position}

    def _end_lost(self, candidates: Iterable[Connection], before: float = math.inf) -> None:
        """End those whose positions lie between the hub's and `before`: the log has no such rows, they were lost."""
        for connection in candidates:
            if self.position < connection.position < before:
                connection.end("lost")

    def _start_over(self, position: int) -> None:
        """Reset to the log's end. All streams end with `lost`, and their clients reconnect with their last id."""
        logger.error("history_lost", delivered=self.position, log=position)
        metrics.HISTORIES_LOST.inc()
        self.history += 1
        self.position = position
        self.recent = RecentEvents()
        self._inbox.clear()
        self._end_all("lost")
        self._waiters.reached(self.position)

    async def _deliver_all(self, rows: list[Row], *, is_from_log: bool = False) -> None:
        """Deliver rows that follow the last one. Known rows are skipped; at a gap the log is read instead."""
        size = count = 0
        for row in rows:
            if row.position == self.position + 1 or (is_from_log and row.position > self.position):
                if row.position > self.position + 1:
                    self._end_lost(self._ahead, row.position)
                self._deliver(row)
                size += len(row.body)
                count += 1
                if size > DELIVERY_BYTES or count > DELIVERY_ROWS:
                    size = count = 0
                    await self.dispatch.let_send()
            elif row.position > self.position:
                self.check_log()
                break
        self.dispatch.flush()
        self._waiters.reached(self.position)

    def _deliver(self, row: Row) -> None:
        self.position = row.position
        frame = Frame(row)
        self.recent.append(frame)
        if row.is_event:
            self.dispatch.add(frame)
        else:
            self.dispatch.distribute()
            self.subscribers.apply(row)

    async def reach(self, position: int) -> None:
        """Wait, within a limit, until all rows up to this position were delivered.

        While people write, the end of the log that an opening stream has read is usually a row ahead of the hub.
        """
        if position > self.position and not await self._waiters.wait(position, BROADCAST_WAIT_SECONDS):
            self.check_log()
            await self._waiters.wait(position, REACH_SECONDS)

    # Streams

    def take_ephemeral(self, topics: list[str], row: Row) -> None:
        """Deliver an ephemeral event, once to each stream that hears any of the topics."""
        streams = self.subscribers.of_topics(topics)
        if row.about_seq is not None:
            streams = set(streams).difference(*(self.subscribers.not_hearing_of(one, row.about_seq) for one in topics))
        self.dispatch.push([Frame(row)], streams)
        self.dispatch.flush()

    def take_ephemerals(self, told: list[tuple[list[str], Row]]) -> None:
        """take_ephemeral() for each of these; a stream gets what it hears of them in one piece."""
        self.dispatch.push_each([(topics, Frame(row)) for topics, row in told])
        self.dispatch.flush()

    def evict_surplus(self, user_id: int, limit: int) -> None:
        """End a user's oldest streams in this process, beyond `limit`."""
        for connection in self.subscribers.surplus_of(user_id, limit):
            connection.end("too_many_streams")

    def evict(self, stream_ids: list[str]) -> None:
        """End those of these streams that this process holds."""
        for connection in self.subscribers.by_id(stream_ids):
            connection.end("too_many_streams")

    def check(self) -> None:
        """Cut off stuck streams, and update metrics. Once a second: per event it would cost more than the event."""
        self.dispatch.cut_stuck()
        metrics.DELIVERIES.inc(self.dispatch.take_delivered())
        metrics.POSITION.set(self.position)

    def attach(self, connection: Connection) -> bool:
        """Let a stream hear everything after its position. False where memory no longer reaches back to it."""
        missed = self.recent.after(connection.position) if connection.position < self.position else []
        if missed is None:
            return False
        if connection.position > self.position:
            self._ahead.add(connection)
        for frame in missed:
            apply_frame(connection, frame)
        self.subscribers.add(connection)
        metrics.STREAMS.set(self.count)
        return True

    def detach(self, connection: Connection) -> None:
        """Forget a stream that has ended."""
        self._ahead.discard(connection)
        self.dispatch.forget(connection)
        if self.subscribers.remove(connection):
            metrics.STREAMS.set(self.count)
