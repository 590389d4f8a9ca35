"""Sends each stream the events of a delivery, as one piece of bytes that all streams with the same events share.

Events are collected by topic. When the delivery ends, or when a user's topics change, they are joined and put on the
streams' queues. So a delivery costs one append and one send per stream, however many events it has.
"""

import asyncio
import time
from bisect import bisect_right
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any, TypeVar

import structlog

from chats.stream import metrics, sse
from chats.stream.connection import Connection
from chats.stream.dialects import Dialect
from chats.stream.recent_events import Frame, position_of
from chats.stream.subscribers import Subscribers

# How long a large delivery waits for the streams to send, and the share of streams that it does not wait for.
SEND_WAIT_SECONDS = 1.0
SEND_CHECK_SECONDS = 0.002
SLOW_SHARE = 0.05

Heard = TypeVar("Heard", bound=Hashable)
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
    """Events that are still to be sent, streams that have something to send, and streams that wait for their server."""

    def __init__(self, subscribers: Subscribers) -> None:
        self._subscribers = subscribers
        self._collected: dict[str, list[Frame]] = {}
        # Those of them that some streams do not hear although they hear the topic.
        self._hidden: dict[Connection, set[Frame]] = {}
        # The same events in one list, while a stream hears the whole log.
        self._whole: list[Frame] = []
        # Streams that may wait for their server. cut_stuck() removes those that no longer do.
        self._waiting: set[Connection] = set()
        self._unflushed: set[Connection] = set()
        self._delivered = 0

    def add(self, frame: Frame) -> None:
        """Collect an event for the streams that hear its topic now."""
        self._collected.setdefault(frame.row.topic, []).append(frame)
        if frame.row.about_seq is not None:
            for connection in self._subscribers.not_hearing_of(frame.row.topic, frame.row.about_seq):
                self._hidden.setdefault(connection, set()).add(frame)
        if self._subscribers.of_whole_log():
            self._whole.append(frame)

    def distribute(self) -> None:
        """Put what was collected on the queues of the streams that hear it, for flush()."""
        collected, self._collected = self._collected, {}
        hidden, self._hidden = self._hidden, {}
        if len(collected) == 1 and not hidden:
            ((topic, frames),) = collected.items()
            self.push(frames, self._subscribers.of_topics([topic]))
        elif collected:
            self._distribute_mixed(collected, hidden)
        whole, self._whole = self._whole, []
        for types, connections in self._subscribers.of_whole_log() if whole else ():
            if frames := [frame for frame in whole if frame.row.type in types]:
                self.push(frames, connections)

    def _distribute_mixed(self, collected: dict[str, list[Frame]], hidden: dict[Connection, set[Frame]]) -> None:
        heard: dict[Connection, list[str]] = {}
        for topic in collected:
            for connection in self._subscribers.of_topics([topic]):
                heard.setdefault(connection, []).append(topic)
        # Alike are streams that hear the same topics and are kept from the same events.
        hears = {stream: (tuple(topics), frozenset(hidden.get(stream, ()))) for stream, topics in heard.items()}
        for (topics, unheard), connections in _alike(hears).items():
            frames = [frame for topic in topics for frame in collected[topic] if frame not in unheard]
            if frames:
                self.push(sorted(frames, key=position_of), connections)

    def push(self, frames: Sequence[Frame], connections: Collection[Connection]) -> None:
        """Put events on the queues of streams, for flush()."""
        # By how many of the events a stream has already: one that was attached ahead of the hub may have some.
        bundles = {0: Bundle(frames)}
        first = frames[0].row.position
        slow: list[Connection] = []
        for connection in connections:
            known = 0 if first > connection.position else _count_known(frames, connection.position)
            if known not in bundles:
                bundles[known] = Bundle(frames[known:])
            if not self._push_bundle(bundles[known], connection):
                slow.append(connection)
        for connection in slow:
            cut_off(connection, "behind")

    def push_each(self, told: Sequence[tuple[list[str], Frame]]) -> None:
        """Put each event on the queues of the streams that hear any of its topics, once, for flush().

        Their bytes are joined once for all streams that hear the same of them.
        """
        heard: dict[Connection, list[int]] = {}
        for index, (topics, _) in enumerate(told):
            for connection in self._subscribers.of_topics(topics):
                heard.setdefault(connection, []).append(index)
        for places, connections in _alike({stream: tuple(indexes) for stream, indexes in heard.items()}).items():
            self.push([told[place][1] for place in places], connections)

    def _push_bundle(self, bundle: Bundle, connection: Connection) -> bool:
        """False when the stream is too far behind and has to be cut off."""
        self._delivered += len(bundle.frames)
        encoded = bundle.bytes_in(connection.dialect)
        if not encoded:
            return True
        self._unflushed.add(connection)
        return connection.push(encoded, len(bundle.frames))

    def push_heartbeat(self, connection: Connection, heartbeat: bytes) -> None:
        """Put a heartbeat on a stream's queue, for flush()."""
        self._unflushed.add(connection)
        if not connection.push(heartbeat):
            cut_off(connection, "behind")

    def flush(self) -> int:
        """Send what was collected and queued; returns to how many streams. Those that hear the same share it."""
        self.distribute()
        count = len(self._unflushed)
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
            except Exception:  # the other streams must still get theirs
                logger.exception("send_broke", stream=connection.id)
                cut_off(connection, "error")
        self._unflushed.clear()
        return count

    async def let_send(self) -> None:
        """Flush, and wait, within a limit, until nearly all streams have sent what they got.

        Otherwise a large batch would fill the queues of clients that are not slow at all, and cut them off. The share
        is of the streams of this flush: the few streams of a small room would be a negligible share of all.
        """
        count = self.flush()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SEND_WAIT_SECONDS
        await asyncio.sleep(0)
        while loop.time() < deadline:
            now = time.monotonic()
            if sum(connection.is_busy(now) for connection in self._waiting) <= count * SLOW_SHARE:
                return
            await asyncio.sleep(SEND_CHECK_SECONDS)

    def watch(self, connection: Connection) -> None:
        """Note a stream that may wait for its server although flush() did not send: its task sends."""
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
        """How many events were put on queues since the last call."""
        delivered, self._delivered = self._delivered, 0
        return delivered


def _alike(heard: Mapping[Connection, Heard]) -> dict[Heard, list[Connection]]:
    """The streams by what they hear. Those that hear the same share its bytes."""
    groups: dict[Heard, list[Connection]] = {}
    for stream, what in heard.items():
        groups.setdefault(what, []).append(stream)
    return groups


def _count_known(frames: Sequence[Frame], position: int) -> int:
    """How many of these events a stream at this position knows. Ephemeral ones (position 0) are new to every stream."""
    return 0 if frames[0].row.position == 0 else bisect_right(frames, position, key=position_of)


def cut_off(connection: Connection, reason: str) -> None:
    """Close a stream at once and count why: its client does not read, or sending to it failed."""
    metrics.CUTS.labels(reason).inc()
    connection.cut(reason)
