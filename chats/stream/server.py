"""The streams of one process: whether one may open, what else happens when one opens or ends, and the drain."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import structlog

from chats.stream import handshake_reads
from chats.stream.connection import Connection
from chats.stream.dispatch import cut_off
from chats.stream.handshake import Handshakes
from chats.stream.handshake_reads import Handshake
from chats.stream.heartbeats import Heartbeats
from chats.stream.hub import Hub
from chatserver.errors import Unavailable
from chatserver.events import log
from users.presence import MAX_STREAMS_PER_USER

# Threads that read for streams that open or fall behind. Few: PostgreSQL has the same work however many threads wait.
READER_THREADS = 4
HUB_CHECK_SECONDS = 1.0
# A drain ends the streams, spread over this time; those that have not taken their bye by the limit are cut off.
DRAIN_SPREAD_SECONDS = 4.0
DRAIN_LIMIT_SECONDS = 8.0

Result = TypeVar("Result")
logger = structlog.get_logger(__name__)


class StreamObserver(Protocol):
    """Is notified of each stream that opens or ends. Called in the event loop; must not block."""

    def arrived(self, connection: Connection) -> None: ...
    def left(self, connection: Connection) -> None: ...


class StreamServer:
    """One per process. Everything but run()'s callables happens in the event loop."""

    def __init__(self, max_streams: int) -> None:
        self._max_streams = max_streams
        self.hub = Hub(lambda position, limit: self.run(handshake_reads.read_after, position, limit))
        self.handshakes = Handshakes(self.hub, self.run)
        self.is_draining = False
        # Set when all streams end: the process drains, or another one has taken its place.
        self.ending = asyncio.Event()
        self._heartbeats = Heartbeats(self.hub)
        self._readers = ThreadPoolExecutor(READER_THREADS, "stream_reader")
        self._observer: StreamObserver | None = None
        # Taken by what is no open stream: those that open, and polls that are held.
        self._places = 0

    @property
    def tasks(self) -> list[Callable[[], Awaitable[None]]]:
        """What has to run as long as streams may be open."""
        return [self.hub.keep_up, self._heartbeats.run_forever, self._check_hub_forever]

    async def run(self, call: Callable[..., Result], *arguments: Any) -> Result:
        """Run something that waits for the database, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, call, *arguments)

    async def connect(self) -> None:
        """Have each reader connect now, and not when all streams come at once. Raises django.db.Error."""
        self.hub.position = max(await asyncio.gather(*(self.run(log.position) for _ in range(READER_THREADS))))

    def accept(self, observer: StreamObserver) -> None:
        """From now on streams may open."""
        self._observer = observer

    def refuse_if_full(self) -> None:
        """Unavailable while this process starts or drains, or where it holds as many streams as it may."""
        if self.is_draining or self._observer is None:
            raise Unavailable("This process is not ready for streams; come back.", code="not_ready")
        if self.hub.count + self._places >= self._max_streams:
            raise Unavailable("This process holds as many streams as it may.", code="too_many_streams")

    @contextmanager
    def place(self) -> Iterator[None]:
        """Counted in here against the limit on streams. Unavailable, see refuse_if_full()."""
        self.refuse_if_full()
        self._places += 1
        try:
            yield
        finally:
            self._places -= 1

    async def look_up(self, scope: dict[str, Any], ticket: str | None, last: int | None) -> Handshake:
        """Handshakes.look_up(), counted against the limit on streams."""
        with self.place():
            return await self.handshakes.look_up(scope, ticket, last)

    def opened(self, connection: Connection) -> bool:
        """Attach a stream and notify the observer. False where its position is too old by now."""
        assert self._observer is not None
        if not self.hub.attach(connection):
            return False
        self._heartbeats.add(connection)
        self._observer.arrived(connection)
        # Presence counts the streams of all processes, but in Redis, which may be late or away. This counts ours.
        self.hub.evict_surplus(connection.user_id, MAX_STREAMS_PER_USER)
        if self.ending.is_set():
            connection.end("shutdown")
        return True

    def closed(self, connection: Connection) -> None:
        """Forget a stream."""
        assert self._observer is not None
        self.hub.detach(connection)
        self._heartbeats.remove(connection)
        self._observer.left(connection)

    async def _check_hub_forever(self) -> None:
        while True:
            await asyncio.sleep(HUB_CHECK_SECONDS)
            self.hub.check()

    async def drain(self) -> None:
        """Refuse new streams, and end the open ones."""
        self.is_draining = True
        await self.end_all()

    async def end_all(self) -> None:
        """End the open streams, spread over a few seconds."""
        if self.ending.is_set():
            return
        self.ending.set()
        logger.info("draining", streams=self.hub.count)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + DRAIN_LIMIT_SECONDS
        for connection in self.hub.connections:
            loop.call_later(random.uniform(0, DRAIN_SPREAD_SECONDS), connection.end, "shutdown")  # noqa: S311 - a spread
        while self.hub.count and loop.time() < deadline:  # noqa: ASYNC110 - an event that only the end needs
            await asyncio.sleep(0.05)
        for connection in self.hub.connections:
            cut_off(connection, "shutdown")

    def close(self) -> None:
        """Let the readers end."""
        self._readers.shutdown(wait=False, cancel_futures=True)
