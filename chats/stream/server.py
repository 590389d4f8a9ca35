"""What runs in a server process beside its requests: the hub, the sequencer, the broadcast, the clock, the presence.

`ensure_started` may be called by each request: a server without the lifespan protocol (daphne) starts it that way.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import Error

from chats.stream import handshake_reads
from chats.stream.connection import Connection
from chats.stream.dispatch import cut_off
from chats.stream.handshake import Openings
from chats.stream.handshake_reads import Opening
from chats.stream.heartbeats import Heartbeats
from chats.stream.hub import Hub
from chats.stream.presence_tracker import Attendance
from chatserver.concurrency.supervision import keep_running
from chatserver.errors import Unavailable
from chatserver.events import log
from chatserver.events.broadcast import Broadcast
from chatserver.events.sequencer import Sequencer
from users.presence import MAX_STREAMS_PER_USER

# Threads that read for streams that open or fall behind. Few: PostgreSQL has the same work whoever waits for it.
READER_THREADS = 4
LOOK_AFTER_SECONDS = 1.0
# A drain: streams are told to go within the spread, then have until the limit to take their bye.
DRAIN_SPREAD_SECONDS = 4.0
DRAIN_LIMIT_SECONDS = 8.0
RETRY_SECONDS = 1.0

Answer = TypeVar("Answer")
logger = structlog.get_logger(__name__)


class StreamServer:
    """One per process. Everything but run()'s callables happens in the event loop."""

    def __init__(self) -> None:
        self.hub = Hub(lambda position, limit: self.run(handshake_reads.read_after, position, limit))
        self.openings = Openings(self.hub, self.run)
        self.is_draining = False
        self._heartbeats = Heartbeats(self.hub)
        self._readers = ThreadPoolExecutor(READER_THREADS, "stream-reader")
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_started = False
        self._is_ready = False
        self._opening = 0

    async def run(self, call: Callable[..., Answer], *arguments: Any) -> Answer:
        """Run something that waits for the database, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, call, *arguments)

    def ensure_started(self) -> None:
        """Start what runs beside the requests, the first time."""
        if not self._is_started:
            self._is_started = True
            self._spawn(self._begin)

    async def _begin(self) -> None:
        while not self._is_ready:
            try:
                # Each reader connects now, and not when all streams come at once.
                self.hub.position = max(await asyncio.gather(*(self.run(log.position) for _ in range(READER_THREADS))))
                self._is_ready = True
            except Error as error:
                logger.warning("start_waits", error=str(error).strip())
                await asyncio.sleep(RETRY_SECONDS)
        self._broadcast = Broadcast(self.hub)
        self._broadcast.start()
        self._sequencer = Sequencer(self._broadcast.publish_rows, log_days=settings.CHAT_LOG_DAYS)
        self._sequencer.start()
        self._attendance = Attendance(self.hub, self._broadcast)
        self._spawn(self.hub.keep_up)
        self._spawn(self._heartbeats.run_forever)
        self._spawn(self._look_after_forever)
        self._spawn(self._attendance.renew_forever)
        self._spawn(self._attendance.sweep_forever)
        self._spawn(self._attendance.forget_forever)

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.get_running_loop().create_task(keep_running(work))
        self._tasks.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._tasks.discard)

    # Streams

    def refuse_if_full(self) -> None:
        """Unavailable while this process starts, drains, or holds as many streams as it may."""
        if self.is_draining or not self._is_ready:
            raise Unavailable("This process is not ready for streams; come back.", code="not_ready")
        if self.hub.count + self._opening >= settings.CHAT_MAX_STREAMS:
            raise Unavailable("This process holds as many streams as it may.", code="too_many_streams")

    async def look_up(self, scope: dict[str, Any], ticket: str | None, last: int | None) -> Opening:
        """openings.look_up(), counted against the limit on streams."""
        self._opening += 1
        try:
            return await self.openings.look_up(scope, ticket, last)
        finally:
            self._opening -= 1

    def opened(self, connection: Connection) -> bool:
        """Attach a stream and note its user as online. False where its position is too old by now."""
        if not self.hub.attach(connection):
            return False
        self._heartbeats.add(connection)
        self._attendance.arrived(connection)
        # Presence counts the streams of all processes, but what it has to say may be late or lost, as Redis is.
        self.hub.evict_surplus(connection.user_id, MAX_STREAMS_PER_USER)
        if self.is_draining:
            connection.end("shutdown")
        return True

    def closed(self, connection: Connection) -> None:
        """Forget a stream."""
        self.hub.detach(connection)
        self._heartbeats.remove(connection)
        self._attendance.left(connection)

    async def _look_after_forever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AFTER_SECONDS)
            self.hub.look_after()

    # The end

    async def drain(self) -> None:
        """Stop being ready, and send every stream away, spread over a few seconds."""
        if self.is_draining:
            return
        self.is_draining = True
        logger.info("draining", streams=self.hub.count)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + DRAIN_LIMIT_SECONDS
        for connection in self.hub.connections:
            loop.call_later(random.uniform(0, DRAIN_SPREAD_SECONDS), connection.end, "shutdown")  # noqa: S311 - a spread
        while self.hub.count and loop.time() < deadline:  # noqa: ASYNC110 - no event that only the end would need
            await asyncio.sleep(0.05)
        for connection in self.hub.connections:
            cut_off(connection, "shutdown")

    async def stop(self) -> None:
        """End the tasks and the sequencer. What it had not sequenced, another process or the next start will."""
        for task in list(self._tasks):
            task.cancel()
        if self._is_ready:
            await self._broadcast.close()
            await asyncio.get_running_loop().run_in_executor(None, self._sequencer.stop)
            self._attendance.close()
        self._readers.shutdown(wait=False, cancel_futures=True)
