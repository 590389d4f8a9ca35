"""One open stream: the bounded queue between the hub, which never waits, and a client that may be slow.

The hub itself sends what it has queued: a server with room in its buffers takes a message at once, and waking the
stream's task for each message would cost more than everything else. Only where the server makes the sender wait (its
buffers for this client are full) the task waits, and then sends what has come meanwhile.
"""

import asyncio
import time
import uuid
from collections.abc import Generator
from typing import Any

from chats.stream.dialects import Dialect
from chatserver.events.rows import Row
from chatserver.http.asgi_types import Send

# A client that is further behind than this is cut off; it comes back with its Last-Event-ID and the log serves it.
MAX_WAITING_BYTES = 1024 * 1024
MAX_WAITING_FRAMES = 1_000
# So is one that takes longer for a single send.
SEND_SECONDS = 10.0
# Dispatch.let_send() does not wait for a client that has not taken a send for this long.
STALLED_SECONDS = 0.25


class Connection:
    """A stream as the hub sees it. Everything here runs in the event loop."""

    __slots__ = (
        "_bytes",
        "_count",
        "_frames",
        "_pending",
        "_send",
        "_wake",
        "credential",
        "dialect",
        "end_reason",
        "expires_at",
        "id",
        "opened_at",
        "position",
        "sending_since",
        "service_id",
        "slot",
        "task",
        "topics",
        "user_id",
        "whole_types",
    )

    def __init__(
        self,
        user_id: int,
        credential: str,
        expires_at: float | None,
        dialect: Dialect,
        position: int,
        topics: dict[str, int],
        task: asyncio.Task[object],
        service_id: int | None = None,
        whole_types: frozenset[str] | None = None,
    ) -> None:
        self.id = uuid.uuid4().hex
        self.user_id = user_id
        # The account whose service key opened it, also for a person.
        self.service_id = service_id
        # The types of events that it hears of the whole log; None for a stream of topics.
        self.whole_types = whole_types
        self.credential = credential
        self.expires_at = expires_at
        self.dialect = dialect
        # The position of the newest row that this stream got, live or replayed.
        self.position = position
        # With the seq from which on it hears what they are about.
        self.topics = topics
        self.task = task
        self.opened_at = time.monotonic()
        # The slot of the timing wheel in heartbeats.py.
        self.slot = 0
        self.sending_since: float | None = None
        self.end_reason: str | None = None
        self._frames: list[bytes] = []
        self._count = 0
        self._bytes = 0
        self._send: Send | None = None
        self._pending: _PendingSend | None = None
        self._wake: asyncio.Future[None] | None = None

    def push(self, frames: bytes, count: int = 1) -> bool:
        """Queue `count` frames, joined. False when the client is too far behind and has to be cut off."""
        if self.end_reason is not None:
            return True
        self._frames.append(frames)
        self._count += count
        self._bytes += len(frames)
        if self._send is None:
            self._wake_task()
        return self._bytes <= MAX_WAITING_BYTES and self._count <= MAX_WAITING_FRAMES

    def end(self, reason: str) -> None:
        """Send bye after what is queued, then close. Only the first reason counts."""
        if self.end_reason is None:
            self._frames.append(self.dialect.bye(reason))
            self.end_reason = reason
            self._wake_task()

    def cut(self, reason: str) -> None:
        """Close at once, without a bye: the client does not read, or has gone."""
        self.end_reason = reason
        self.task.cancel()

    def hears(self, row: Row) -> bool:
        """Whether it is entitled to an event of the log."""
        if self.whole_types is not None:
            return row.type in self.whole_types
        visible_from = self.topics.get(row.topic)
        return visible_from is not None and row.is_visible_from(visible_from)

    def start(self, send: Send) -> None:
        """From now on queued frames may be sent by send_now()."""
        self._send = send

    @property
    def sendable(self) -> list[bytes]:
        """The frames that send_now() would send: none while the task waits for the server, or sends itself."""
        return self._frames if self._send is not None and self.sending_since is None else []

    def send_now(self, message: dict[str, Any]) -> bool:
        """Send `sendable`, joined in this message. False where the server makes us wait; then the task waits."""
        assert self._send is not None
        self._frames, self._count, self._bytes = [], 0, 0
        step = self._send(message).__await__()
        try:
            waits_for = next(step)
        except StopIteration:
            return True
        self.sending_since = time.monotonic()
        self._pending = _PendingSend(step, waits_for)
        self._wake_task()
        return False

    async def wait(self) -> bytes:
        """Wait for frames that the task has to send; returns them joined, b"" when the stream has ended."""
        while True:
            if self._pending is not None:
                pending, self._pending = self._pending, None
                await pending
                self.sending_since = None
            elif self._frames or self.end_reason is not None:
                break
            else:
                self._wake = asyncio.get_running_loop().create_future()
                await self._wake
        frames, self._frames, self._count, self._bytes = self._frames, [], 0, 0
        return frames[0] if len(frames) == 1 else b"".join(frames)

    def is_busy(self, now: float) -> bool:
        """Whether a send waits, and not yet for so long that the client counts as stalled. `now` is monotonic."""
        return self.sending_since is not None and now - self.sending_since < STALLED_SECONDS

    def is_stuck(self, now: float) -> bool:
        """Whether the client has not taken a send for too long. `now` is monotonic."""
        return self.sending_since is not None and now - self.sending_since > SEND_SECONDS

    def _wake_task(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)


class _PendingSend:
    """A send that has begun, for the task to await: first what it waits for already, then what follows."""

    __slots__ = ("_step", "_waits_for")

    def __init__(self, step: Generator[Any, Any, Any], waits_for: Any) -> None:
        self._step = step
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, Any]:
        yield self._waits_for
        return (yield from self._step)
