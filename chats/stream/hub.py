"""Fan-out: takes the rows of the log in order, and puts each event's bytes on the queues of who may hear it.

Invariants:
- Rows are delivered in the log's order without a gap: what does not follow the last position is read from the log,
  which alone can say that nothing lies between (its positions jump when PostgreSQL was started anew).
- Where the last position is not in the log, PostgreSQL lost what was delivered: all streams end, and come back to be
  told so. So does a stream whose own position is not in the log: it was let in ahead of us, at what was lost.
- Who hears what changes only by rows of the log, so a stream that was attached as of position P and is given every row
  behind P has exactly what it is entitled to.
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
from chats.stream.recent_events import Frame, RecentEvents
from chats.stream.subscribers import Subscribers, apply_row
from chatserver.events.log import HistoryLost
from chatserver.events.rows import Row

CATCH_UP_BATCH = 500
# Rows that wait to be delivered; past that they are dropped, and read from the log when their turn comes.
MAX_INBOX_ROWS = 2_000
# After so much the streams get their turn to send.
TURN_BYTES = 64 * 1024
TURN_ROWS = 100
# A turn of several events is followed by a rest, as long as the turn for each of them but the first, within a limit.
# What comes meanwhile shares the next turn: a send costs the same whether it carries one event or ten. So there is no
# rest, and no delay, until the streams are told more often than they can be.
MAX_REST_TURNS = 10
MAX_REST_SECONDS = 0.1
# How long a row may go unseen when no broadcast brings it (Redis is away). I5 and I6 allow 1 s.
POLL_SECONDS = 0.4
ERROR_SECONDS = 1.0
# How long who opens a stream waits for a row that he has seen in the log: for its broadcast, then for our look.
LOOK_SECONDS = 0.05
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
        self._read_after = read_after
        self.subscribers = Subscribers()
        self.dispatch = Dispatch(self.subscribers)
        # Streams that were attached ahead of us.
        self._ahead: set[Connection] = set()
        self._inbox: deque[Row] = deque()
        self._is_behind = False
        # Who waits for a position to be delivered.
        self._awaited: list[tuple[int, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()

    @property
    def connections(self) -> list[Connection]:
        return self.subscribers.connections

    @property
    def count(self) -> int:
        return len(self.subscribers)

    # Rows

    def take_rows(self, rows: list[Row]) -> None:
        """Queue a batch for keep_up(). What does not fit is dropped here and read from the log later."""
        if len(self._inbox) + len(rows) <= MAX_INBOX_ROWS:
            self._inbox.extend(rows)
        else:
            self._is_behind = True
        self._wake.set()

    def look(self) -> None:
        """Have the log looked at now."""
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
                poll_at = loop.time() + POLL_SECONDS
            self._wake.clear()
            try:
                await self._work_off()
                if self._is_behind:
                    await self._catch_up()
            except Error as error:  # PostgreSQL is away: the streams stay open, and go on when it is back
                logger.warning("hub_waits", error=str(error).strip())
                self._is_behind = True
                await asyncio.sleep(ERROR_SECONDS)
            except Exception:  # a bug: no stream knows what it has heard now, so all come back and say from where
                logger.exception("hub_broke", position=self.position)
                self._end_all("error")
                await asyncio.sleep(ERROR_SECONDS)

    def _end_all(self, reason: str) -> None:
        """End every stream, where it is open whether it has heard all: each comes back and says from where (I4)."""
        for connection in self.connections:
            connection.end(reason)

    async def _work_off(self) -> None:
        while self._inbox:
            rows = [self._inbox.popleft() for _ in range(len(self._inbox))]
            began = time.monotonic()
            await self._deliver_all(rows)
            seconds = (time.monotonic() - began) * min(len(rows) - 1, MAX_REST_TURNS)
            await asyncio.sleep(min(seconds, MAX_REST_SECONDS))

    async def _catch_up(self) -> None:
        self._is_behind = False
        is_there = False
        try:
            while not is_there:
                # What they know was in the log before this look at it.
                known = [connection for connection in self._ahead if connection.position > self.position]
                rows = await self._read_after(self.position, CATCH_UP_BATCH)
                is_there = len(rows) < CATCH_UP_BATCH
                if rows:
                    metrics.CATCH_UPS.inc()
                    await self._deliver_all(rows, is_from_log=True)
        except HistoryLost as lost:
            self._begin_afresh(lost.head)
        else:
            self._end_strays(known)
            self._ahead = {connection for connection in self._ahead if connection.position > self.position}

    def _end_strays(self, candidates: Iterable[Connection], before: float = math.inf) -> None:
        """End those whose positions lie between ours and this one, where the log has nothing: they were lost."""
        for connection in candidates:
            if self.position < connection.position < before:
                connection.end("lost")

    def _begin_afresh(self, position: int) -> None:
        """Forget what was delivered, and go on from the log's end. Streams come back with what they saw last."""
        logger.error("history_lost", delivered=self.position, log=position)
        metrics.HISTORIES_LOST.inc()
        self.history += 1
        self.position = position
        self.recent = RecentEvents()
        self._inbox.clear()
        self._end_all("lost")
        self._tell_who_waits()

    async def _deliver_all(self, rows: list[Row], *, is_from_log: bool = False) -> None:
        """Deliver rows that follow the last one; known ones are passed over, a gap is left to the catch-up."""
        size = count = 0
        for row in rows:
            if row.position == self.position + 1 or (is_from_log and row.position > self.position):
                if row.position > self.position + 1:
                    self._end_strays(self._ahead, row.position)
                self._deliver(row)
                size += len(row.body)
                count += 1
                if size > TURN_BYTES or count > TURN_ROWS:
                    size = count = 0
                    await self.dispatch.let_send()
            elif row.position > self.position:
                self.look()
                break
        self.dispatch.flush()
        self._tell_who_waits()

    def _deliver(self, row: Row) -> None:
        self.position = row.position
        frame = Frame(row)
        self.recent.append(frame)
        if row.is_event:
            if row.type == "message.deleted":
                self.recent.redact(row)
            self.dispatch.tell(frame)
        else:
            self.dispatch.share_out()
            self.subscribers.apply(row)

    async def reach(self, position: int) -> None:
        """Wait, within a limit, until all rows up to this position were delivered.

        The log, where who opens a stream has looked, is usually a row ahead of us while people write.
        """
        if position > self.position:
            reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._awaited.append((position, reached))
            # What no broadcast brings in a moment, the log has.
            await asyncio.wait([reached], timeout=LOOK_SECONDS)
            if not reached.done():
                self.look()
                await asyncio.wait([reached], timeout=REACH_SECONDS)
            self._awaited.remove((position, reached))

    def _tell_who_waits(self) -> None:
        for position, reached in self._awaited:
            if position <= self.position and not reached.done():
                reached.set_result(None)

    # What the streams are given besides

    def take_ephemeral(self, topics: list[str], row: Row) -> None:
        """Deliver an ephemeral event, once to each stream that hears any of the topics."""
        self.dispatch.push([Frame(row)], self.subscribers.of_topics(topics))
        self.dispatch.flush()

    def evict_surplus(self, user_id: int, most: int) -> None:
        """End a user's oldest streams here, beyond so many."""
        for connection in self.subscribers.surplus_of(user_id, most):
            connection.end("too_many_streams")

    def evict(self, stream_ids: list[str]) -> None:
        """End streams by id, those of them that are here."""
        for connection in self.subscribers.by_id(stream_ids):
            connection.end("too_many_streams")

    def check(self) -> None:
        """Cut off who is stuck, and tell Prometheus. Each second: a shared counter costs more than what it counts."""
        self.dispatch.cut_stuck()
        metrics.DELIVERIES.inc(self.dispatch.take_delivered())
        metrics.POSITION.set(self.position)

    # Streams

    def attach(self, connection: Connection) -> bool:
        """Let a stream hear everything behind its position. False where the recent no longer reaches back to it."""
        missed = self.recent.behind(connection.position) if connection.position < self.position else []
        if missed is None:
            return False
        if connection.position > self.position:
            self._ahead.add(connection)
        for frame in missed:
            _give(connection, frame)
        self.subscribers.add(connection)
        metrics.STREAMS.set(self.count)
        return True

    def detach(self, connection: Connection) -> None:
        """Forget a stream that has ended."""
        self._ahead.discard(connection)
        self.dispatch.forget(connection)
        if self.subscribers.remove(connection):
            metrics.STREAMS.set(self.count)


def _give(connection: Connection, frame: Frame) -> None:
    """Play one row to one stream that is not in the subscribers yet."""
    row = frame.row
    if row.is_event:
        encoded = frame.bytes_in(connection.dialect) if row.topic in connection.topics else b""
        if encoded:
            connection.push(encoded)
    elif connection.user_id in (row.user_ids or ()):
        apply_row(connection, row)
