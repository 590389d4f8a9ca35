"""What streams are given is sent in turns: what a turn brought is joined once for all that hear the same.

Events are collected by topic. When the turn ends, or when somebody's topics change, each stream gets what its topics
brought as one piece of bytes, which it shares with all that hear the same. So per stream there is one append and one
send for each turn, however many events it brought.
"""

import asyncio
import time
from bisect import bisect_right
from collections.abc import Collection, Sequence
from typing import Any

import structlog

from chats.stream import metrics, sse
from chats.stream.connection import Connection
from chats.stream.dialects import Dialect
from chats.stream.recent_events import Frame, position_of
from chats.stream.subscribers import Subscribers

# How long the streams have to send before they are given more, and what share of them may need longer.
TURN_SECONDS = 1.0
TURN_CHECK_SECONDS = 0.002
SLOW_SHARE = 0.05

logger = structlog.get_logger(__name__)


class Bundle:
    """Events in the log's order, and their bytes joined. Each dialect joins them once, when first asked."""

    __slots__ = ("_joined", "frames")

    def __init__(self, frames: Sequence[Frame]) -> None:
        self.frames = frames
        self._joined: dict[Dialect, bytes] = {}

    def bytes_in(self, dialect: Dialect) -> bytes:
        joined = self._joined.get(dialect)
        if joined is None:
            joined = self._joined[dialect] = b"".join(frame.bytes_in(dialect) for frame in self.frames)
        return joined


class Dispatch:
    """Events that are still to be sent to subscribers, and the streams that have something to send or have to wait."""

    def __init__(self, subscribers: Subscribers) -> None:
        self._audience = subscribers
        self._told: dict[str, list[Frame]] = {}
        # Streams that may wait for their server. Who no longer does is found out when one looks.
        self._waiting: set[Connection] = set()
        self._unflushed: set[Connection] = set()
        self._delivered = 0

    def tell(self, frame: Frame) -> None:
        """Note an event for whoever hears its topic now."""
        self._told.setdefault(frame.row.topic, []).append(frame)

    def share_out(self) -> None:
        """Put what was told on the queues of those who hear it, for flush()."""
        told, self._told = self._told, {}
        if len(told) == 1:
            ((topic, frames),) = told.items()
            self.push(frames, self._audience.of_topics([topic]))
        elif told:
            self._share_out_mixed(told)

    def _share_out_mixed(self, told: dict[str, list[Frame]]) -> None:
        heard: dict[Connection, list[str]] = {}
        for topic in told:
            for connection in self._audience.of_topics([topic]):
                heard.setdefault(connection, []).append(topic)
        alike: dict[tuple[str, ...], list[Connection]] = {}
        for connection, its_topics in heard.items():
            alike.setdefault(tuple(its_topics), []).append(connection)
        for topics, connections in alike.items():
            frames = [frame for topic in topics for frame in told[topic]]
            self.push(sorted(frames, key=position_of), connections)

    def push(self, frames: Sequence[Frame], connections: Collection[Connection]) -> None:
        """Put events on the queues of streams, for flush()."""
        # By how many of the events a stream knows: one that was attached ahead of us does up to its position.
        bundles = {0: Bundle(frames)}
        first = frames[0].row.position
        slow: list[Connection] = []
        for connection in connections:
            known = 0 if first > connection.position else _count_known(frames, connection.position)
            if known not in bundles:
                bundles[known] = Bundle(frames[known:])
            if not self._give(bundles[known], connection):
                slow.append(connection)
        for connection in slow:
            cut_off(connection, "behind")

    def _give(self, bundle: Bundle, connection: Connection) -> bool:
        """False when the stream is too far behind and has to be cut off."""
        self._delivered += len(bundle.frames)
        encoded = bundle.bytes_in(connection.dialect)
        if not encoded:
            return True
        self._unflushed.add(connection)
        return connection.push(encoded, len(bundle.frames))

    def push_beat(self, connection: Connection, beat: bytes) -> None:
        """Put a heartbeat on its queue, for flush()."""
        self._unflushed.add(connection)
        if not connection.push(beat):
            cut_off(connection, "behind")

    def flush(self) -> int:
        """Send the streams what was told and queued, and return how many. Those that hear the same get one message."""
        self.share_out()
        told = len(self._unflushed)
        # By the identity of the pieces, which stay here meanwhile, so that no other can get the same.
        messages: dict[tuple[int, ...], tuple[list[bytes], dict[str, Any]]] = {}
        for connection in self._unflushed:
            pieces = connection.sendable
            if not pieces:
                continue
            key = tuple(map(id, pieces))
            if key not in messages:
                messages[key] = (pieces, sse.body_message(b"".join(pieces)))
            try:
                if not connection.send_now(messages[key][1]):
                    self._waiting.add(connection)
            except Exception:  # whatever this stream's server has against it, the others are to get theirs
                logger.exception("send_broke", stream=connection.id)
                cut_off(connection, "error")
        self._unflushed.clear()
        return told

    async def let_send(self) -> None:
        """Flush, and wait, within a limit, until nearly all that were told have sent it: the pace is that of the many.

        Otherwise a large batch would fill the queues of clients that are not slow at all, and cut them off. Streams
        that hear nothing of it don't count: beside them, the few that do would always be few enough to be slow.
        """
        told = self.flush()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + TURN_SECONDS
        await asyncio.sleep(0)
        while loop.time() < deadline:
            now = time.monotonic()
            if sum(connection.is_busy(now) for connection in self._waiting) <= told * SLOW_SHARE:
                return
            await asyncio.sleep(TURN_CHECK_SECONDS)

    def watch(self, connection: Connection) -> None:
        """Note a stream that may come to wait for its server: its first send is a task's, not ours."""
        self._waiting.add(connection)

    def cut_stuck(self) -> None:
        """Cut off the streams whose clients have not taken a send for too long."""
        now = time.monotonic()
        self._waiting = {connection for connection in self._waiting if connection.sending_since is not None}
        for connection in self._waiting:
            if connection.is_stuck(now):
                cut_off(connection, "stuck")

    def forget(self, connection: Connection) -> None:
        self._unflushed.discard(connection)
        self._waiting.discard(connection)

    def take_delivered(self) -> int:
        """How many events were put on queues since the last time."""
        delivered, self._delivered = self._delivered, 0
        return delivered


def _count_known(frames: Sequence[Frame], position: int) -> int:
    """How many of these a stream at this position knows. Ephemeral ones (position 0) are news to everybody."""
    return 0 if frames[0].row.position == 0 else bisect_right(frames, position, key=position_of)


def cut_off(connection: Connection, reason: str) -> None:
    """Close a stream at once, and count why: its client does not read, or can't be sent to."""
    metrics.CUTS.labels(reason).inc()
    connection.cut(reason)
