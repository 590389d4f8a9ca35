"""One open stream: the bounded queue between the hub, which never waits, and a client that may be slow."""

import asyncio
import time
import uuid

from chats.stream.dialects import Dialect

# A client that is further behind than this is cut off; it comes back with its Last-Event-ID and the log serves it.
MAX_WAITING_BYTES = 1024 * 1024
MAX_WAITING_FRAMES = 1_000
# So is one that takes a send no faster than this.
SEND_SECONDS = 10.0
# Nobody waits for one that has not taken a send for this long.
STALLED_SECONDS = 0.25


class Connection:
    """A stream as the hub sees it. Everything here runs in the event loop."""

    __slots__ = (
        "_bytes",
        "_frames",
        "_wake",
        "credential",
        "dialect",
        "end_reason",
        "expires_at",
        "id",
        "opened_at",
        "position",
        "sending_since",
        "task",
        "topics",
        "user_id",
    )

    def __init__(
        self,
        user_id: int,
        credential: str,
        expires_at: float | None,
        dialect: Dialect,
        position: int,
        topics: set[str],
        task: asyncio.Task[object],
    ) -> None:
        self.id = uuid.uuid4().hex
        self.user_id = user_id
        self.credential = credential
        self.expires_at = expires_at
        self.dialect = dialect
        # The newest row that this stream has been given, or was told of before it was attached.
        self.position = position
        self.topics = topics
        self.task = task
        self.opened_at = time.monotonic()
        self.sending_since: float | None = None
        self.end_reason: str | None = None
        self._frames: list[bytes] = []
        self._bytes = 0
        self._wake: asyncio.Future[None] | None = None

    def push(self, frame: bytes) -> bool:
        """Queue a frame. False when the client is too far behind and has to be cut off."""
        if self.end_reason is not None:
            return True
        self._frames.append(frame)
        self._bytes += len(frame)
        self._ring()
        return self._bytes <= MAX_WAITING_BYTES and len(self._frames) <= MAX_WAITING_FRAMES

    def end(self, reason: str) -> None:
        """Say bye behind what waits, then close. Only the first reason counts."""
        if self.end_reason is None:
            self._frames.append(self.dialect.bye(reason))
            self.end_reason = reason
            self._ring()

    def cut(self, reason: str) -> None:
        """Close at once, without a word: the client does not read."""
        self.end_reason = reason
        self.task.cancel()

    async def wait(self) -> bytes:
        """All frames that wait, joined; b"" when the stream has ended and everything was taken."""
        while not self._frames and self.end_reason is None:
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake
        frames, self._frames, self._bytes = self._frames, [], 0
        return frames[0] if len(frames) == 1 else b"".join(frames)

    def is_busy(self, now: float) -> bool:
        """Whether frames wait for a client that takes what it is sent. `now` is of the monotonic clock."""
        return bool(self._frames) and (self.sending_since is None or now - self.sending_since < STALLED_SECONDS)

    def is_stuck(self, now: float) -> bool:
        """Whether the client has not taken a send for too long. `now` is of the monotonic clock."""
        return self.sending_since is not None and now - self.sending_since > SEND_SECONDS

    def _ring(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
