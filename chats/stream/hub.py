"""Fan-out: takes the rows of the log in order, and puts each event's bytes on the queues of who may hear it.

Invariants:
- Rows are delivered in the log's order without a gap: what does not follow the last position is read from the log,
  which alone can say that nothing lies between (its positions jump when PostgreSQL was started anew).
- Where the last position is not in the log, PostgreSQL lost what was delivered: all streams end, and come back to be
  told so. So does a stream whose own position is not in the log: it was let in ahead of us, at what was lost.
- Who hears what changes only by rows of the log, so a stream that was attached as of position P and is given every row
  behind P has exactly what it is entitled to.
- An event is encoded once per process and dialect, and what a turn brought is joined once for all streams that hear the
  same; per stream there is one append for each event and one send for each turn.
All of it runs in the event loop; only keep_up() waits.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec
import structlog
from django.db import Error

from chats.stream import metrics, sse
from chats.stream.connection import Connection
from chats.stream.ring import Frame, Ring
from chatserver.events.log import HistoryLost
from chatserver.events.models import Kind
from chatserver.events.rows import Row

CATCH_UP_BATCH = 500
# Rows that wait to be delivered; past that they are dropped, and read from the log when their turn comes.
MAX_INBOX_ROWS = 2_000
# After so much the streams get their turn to send, until all but this share have nothing left or the time is over.
TURN_BYTES = 64 * 1024
TURN_ROWS = 100
TURN_SECONDS = 1.0
TURN_CHECK_SECONDS = 0.002
SLOW_SHARE = 0.05
# A turn of several events is followed by a rest, as long as the turn for each of them but the first, within a limit.
# What comes meanwhile shares the next turn: a send costs the same whether it carries one event or ten. So there is no
# rest, and no delay, until the streams are told more often than they can be.
MAX_REST_TURNS = 10
MAX_REST_SECONDS = 0.1
# How long a row may go unseen when no broadcast brings it (Redis is away). I5 and I6 allow 1 s.
POLL_SECONDS = 0.4
ERROR_SECONDS = 1.0

logger = structlog.get_logger(__name__)

ReadAfter = Callable[[int, int], Awaitable[list[Row]]]


class Hub:
    """The streams of one process. `read_after(position, limit)` reads the log without blocking the loop."""

    def __init__(self, read_after: ReadAfter) -> None:
        self.position = 0
        # How many times the log's history was found lost.
        self.history = 0
        self.ring = Ring()
        self._read_after = read_after
        self._by_id: dict[str, Connection] = {}
        self._by_user: dict[int, set[Connection]] = {}
        self._by_topic: dict[str, set[Connection]] = {}
        # Streams that were attached ahead of us.
        self._ahead: set[Connection] = set()
        self._inbox: deque[Row] = deque()
        self._is_behind = False
        self._unflushed: set[Connection] = set()
        # The heartbeat that was made last, and its position: nearly all streams get the same.
        self._beat: tuple[int, bytes] = (-1, b"")
        self._delivered = 0
        self._wake = asyncio.Event()

    @property
    def connections(self) -> list[Connection]:
        return list(self._by_id.values())

    @property
    def count(self) -> int:
        return len(self._by_id)

    @property
    def user_ids(self) -> list[int]:
        return list(self._by_user)

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
        self.ring = Ring()
        self._inbox.clear()
        self._end_all("lost")

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
                    await self._let_send()
            elif row.position > self.position:
                self.look()
                break
        self.flush()

    async def _let_send(self) -> None:
        """Wait, within a limit, until nearly all streams have sent what they have: the pace is that of the many.

        Otherwise a large batch would fill the queues of clients that are not slow at all, and cut them off.
        """
        self.flush()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + TURN_SECONDS
        await asyncio.sleep(0)
        while loop.time() < deadline:
            now = time.monotonic()
            busy = sum(connection.is_busy(now) for connection in self._by_id.values())
            if busy <= self.count * SLOW_SHARE:
                return
            await asyncio.sleep(TURN_CHECK_SECONDS)

    def _deliver(self, row: Row) -> None:
        self.position = row.position
        frame = Frame(row)
        self.ring.append(frame)
        match row.kind:
            case Kind.EVENT:
                if row.type == "message.deleted":
                    self.ring.redact(row)
                self._push(frame, self._by_topic.get(row.topic, ()))
            case Kind.SUBSCRIBE:
                for connection in self._of_users(row):
                    connection.topics.add(row.topic)
                    self._by_topic.setdefault(row.topic, set()).add(connection)
            case Kind.UNSUBSCRIBE:
                for connection in self._of_users(row):
                    connection.topics.discard(row.topic)
                    self._forget_topic(row.topic, connection)
            case Kind.REVOKE:
                for connection in self._of_users(row):
                    _revoke(connection, row)

    def _push(self, frame: Frame, connections: Iterable[Connection]) -> None:
        slow: list[Connection] = []
        delivered = 0
        position = frame.row.position
        for connection in connections:
            # A stream that was attached ahead of us knows the rows up to its position; ephemeral ones have none.
            if position > connection.position or position == 0:
                encoded = frame.bytes_in(connection.dialect)
                delivered += 1
                if encoded:
                    self._unflushed.add(connection)
                    if not connection.push(encoded):
                        slow.append(connection)
        self._delivered += delivered
        for connection in slow:
            self.cut(connection, "behind")

    def flush(self) -> None:
        """Send the streams what was queued for them. Those that hear the same get one message."""
        # By the identity of the frames, which stay here meanwhile, so that no other can get the same.
        messages: dict[tuple[int, ...], tuple[list[bytes], dict[str, Any]]] = {}
        for connection in self._unflushed:
            frames = connection.sendable
            if not frames:
                continue
            key = tuple(map(id, frames))
            if key not in messages:
                messages[key] = (frames, sse.body_message(b"".join(frames)))
            try:
                connection.send_now(messages[key][1])
            except Exception:  # whatever this stream's server has against it, the others are to get theirs
                logger.exception("send_broke", stream=connection.id)
                self.cut(connection, "error")
        self._unflushed.clear()

    def report(self) -> None:
        """Tell Prometheus. Called each second: a shared counter costs more than the delivery that it counts."""
        delivered, self._delivered = self._delivered, 0
        metrics.DELIVERIES.inc(delivered)
        metrics.POSITION.set(self.position)

    def _of_users(self, row: Row) -> list[Connection]:
        return [connection for user_id in row.user_ids or () for connection in self._by_user.get(user_id, ())]

    # What is not in the log

    def take_ephemeral(self, topics: list[str], row: Row) -> None:
        """Deliver an ephemeral event, once to each stream that hears any of the topics."""
        if len(topics) == 1:
            listeners = self._by_topic.get(topics[0], set())
        else:
            listeners = set().union(*(self._by_topic.get(topic, ()) for topic in topics))
        self._push(Frame(row), listeners)
        self.flush()

    def beat(self, connection: Connection) -> bool:
        """Queue a heartbeat, for flush(). False when the client is too far behind and has to be cut off.

        A stream that was attached ahead of us has heard more than our position says: it must not be moved back (I4).
        """
        position = max(self.position, connection.position)
        if position != self._beat[0]:
            self._beat = (position, sse.position_frame(position))
        self._unflushed.add(connection)
        return connection.push(self._beat[1])

    def surplus_of(self, user_id: int, most: int) -> list[str]:
        """The ids of a user's oldest streams here, beyond so many."""
        staying = [connection for connection in self._by_user[user_id] if connection.end_reason is None]
        staying.sort(key=lambda connection: connection.opened_at)
        return [connection.id for connection in staying[: max(0, len(staying) - most)]]

    def evict(self, stream_ids: list[str]) -> None:
        """End streams by id, those of them that are here."""
        for stream_id in stream_ids:
            if stream_id in self._by_id:
                self._by_id[stream_id].end("too_many_streams")

    def cut(self, connection: Connection, reason: str) -> None:
        """Close a stream at once, and count why: its client does not read, or can't be sent to."""
        metrics.CUTS.labels(reason).inc()
        connection.cut(reason)

    # Streams

    def attach(self, connection: Connection) -> bool:
        """Let a stream hear everything behind its position. False where the ring no longer reaches back to it."""
        missed = self.ring.behind(connection.position) if connection.position < self.position else []
        if missed is None:
            return False
        self._by_id[connection.id] = connection
        if connection.position > self.position:
            self._ahead.add(connection)
        for frame in missed:
            _give(connection, frame)
        self._by_user.setdefault(connection.user_id, set()).add(connection)
        for topic in connection.topics:
            self._by_topic.setdefault(topic, set()).add(connection)
        metrics.STREAMS.set(self.count)
        return True

    def detach(self, connection: Connection) -> None:
        """Forget a stream that has ended."""
        self._unflushed.discard(connection)
        self._ahead.discard(connection)
        if self._by_id.pop(connection.id, None) is None:
            return
        mine = self._by_user[connection.user_id]
        mine.discard(connection)
        if not mine:
            del self._by_user[connection.user_id]
        for topic in connection.topics:
            self._forget_topic(topic, connection)
        metrics.STREAMS.set(self.count)

    def _forget_topic(self, topic: str, connection: Connection) -> None:
        listeners = self._by_topic.get(topic)
        if listeners is not None:
            listeners.discard(connection)
            if not listeners:
                del self._by_topic[topic]


def _give(connection: Connection, frame: Frame) -> None:
    """Play one row to one stream that is not in the hub's tables yet."""
    row = frame.row
    if row.kind == Kind.EVENT:
        encoded = frame.bytes_in(connection.dialect) if row.topic in connection.topics else b""
        if encoded:
            connection.push(encoded)
    elif connection.user_id in (row.user_ids or ()):
        match row.kind:
            case Kind.SUBSCRIBE:
                connection.topics.add(row.topic)
            case Kind.UNSUBSCRIBE:
                connection.topics.discard(row.topic)
            case Kind.REVOKE:
                _revoke(connection, row)


def _revoke(connection: Connection, row: Row) -> None:
    """End the stream if the row means its credential, and came behind the position as of which it was let in."""
    meant = msgspec.json.decode(row.body)["credential"]
    if row.position > connection.position and meant in (None, connection.credential):
        connection.end(row.type)
