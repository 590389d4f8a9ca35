"""What streams are given is sent in turns: each stream's frames joined, and one message for all that hear the same.

What a turn brought is joined once for all streams that hear the same; per stream there is one append for each event and
one send for each turn.
"""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import structlog

from chats.stream import metrics, sse
from chats.stream.connection import Connection
from chats.stream.ring import Frame

# How long the streams have to send before they are given more, and what share of them may need longer.
TURN_SECONDS = 1.0
TURN_CHECK_SECONDS = 0.002
SLOW_SHARE = 0.05

logger = structlog.get_logger(__name__)


class Turn:
    """The streams that have something to send, and those whose server makes them wait."""

    def __init__(self) -> None:
        # Streams that may wait for their server. Who no longer does is found out when one looks.
        self._waiting: set[Connection] = set()
        self._unflushed: set[Connection] = set()
        self._delivered = 0

    def push(self, frame: Frame, connections: Iterable[Connection]) -> None:
        """Put an event on the queues of streams, for flush()."""
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
            cut_off(connection, "behind")

    def push_beat(self, connection: Connection, beat: bytes) -> None:
        """Put a heartbeat on its queue, for flush()."""
        self._unflushed.add(connection)
        if not connection.push(beat):
            cut_off(connection, "behind")

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
                if not connection.send_now(messages[key][1]):
                    self._waiting.add(connection)
            except Exception:  # whatever this stream's server has against it, the others are to get theirs
                logger.exception("send_broke", stream=connection.id)
                cut_off(connection, "error")
        self._unflushed.clear()

    async def let_send(self, streams: int) -> None:
        """Wait, within a limit, until nearly all of so many streams have sent what they have: the pace is the many's.

        Otherwise a large batch would fill the queues of clients that are not slow at all, and cut them off.
        """
        self.flush()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + TURN_SECONDS
        await asyncio.sleep(0)
        while loop.time() < deadline:
            now = time.monotonic()
            if sum(connection.is_busy(now) for connection in self._waiting) <= streams * SLOW_SHARE:
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
        """How many frames were put on queues since the last time."""
        delivered, self._delivered = self._delivered, 0
        return delivered


def cut_off(connection: Connection, reason: str) -> None:
    """Close a stream at once, and count why: its client does not read, or can't be sent to."""
    metrics.CUTS.labels(reason).inc()
    connection.cut(reason)
