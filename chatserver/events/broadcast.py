"""Broadcasts from one process to all, over the channel layer (Redis). Any message may be lost.

- A batch of rows reaches this process's listener first, without Redis; then it is published. The other processes see
  by its positions whether they missed something, and read the log if so.
- What Redis does not accept in time is dropped. As soon as it answers again, a "look" makes the others read the log.
- Each process receives its own messages, too. If Redis accepts them and none arrives, the process is subscribed to a
  server that is frozen or cut off while another took over: it subscribes again.
- The layer's receive() never gets a time-out: when it is cancelled, it loses messages.
- A message that can't be decoded (another version of ChatServer may run as well) counts as a "look".
"""

import asyncio
import logging
import uuid
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import msgspec
import structlog
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from chatserver.concurrency.supervision import keep_running
from chatserver.events import broadcast_messages, metrics
from chatserver.events.broadcast_messages import Listener
from chatserver.events.rows import Row, ephemeral_row
from chatserver.storage.outages import redis_outage

GROUP = "log"
# Messages that wait for Redis. Further ones are dropped, and the others read the log. A batch has at most 500 rows.
MAX_WAITING = 64
# Ephemeral events in one message.
EPHEMERAL_BATCH = 500
REDIS_SECONDS = 1.0
SUBSCRIBE_RETRY_SECONDS = 1.0
# How long Redis may accept messages that this process does not receive, before it subscribes again.
NO_ECHO_SECONDS = 3.0

REDIS_ERRORS = (OSError, TimeoutError, RedisError)

logger = structlog.get_logger(__name__)


def _note_outage(record: logging.LogRecord) -> bool:
    """A logging filter: the layer logs a traceback each second while Redis is away, and then goes on by itself."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, REDIS_ERRORS):
        redis_outage.note(error, by="broadcast")
        return False
    return True


logging.getLogger("channels_redis.pubsub").addFilter(_note_outage)

_running: "Broadcast | None" = None


def send_ephemeral(topics: list[str], event_type: str, body: str, room_id: int | None, about_seq: int | None) -> None:
    """Hand an ephemeral event to this process's broadcast, from any thread. Without one (a shell) it is dropped."""
    if _running is not None:
        _running.send_ephemeral(topics, event_type, body, room_id, about_seq)


def send_ephemerals(events: list[tuple[list[str], str, str]]) -> None:
    """send_ephemeral() for each (topics, type, body), of no room, at once."""
    if _running is not None:
        _running.send_ephemerals(events)


class Broadcast:
    """Sends to the other processes and receives from them. Made and closed in the event loop."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._layer = get_channel_layer()
        self._origin = uuid.uuid4().hex
        # Called for each batch that another process announces with its rows.
        self.on_batch: Callable[[], None] = lambda: None
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue(MAX_WAITING)
        self._is_behind = False
        self._heard_at = 0.0
        self._unheard_since: float | None = None
        self._receiver: asyncio.Task[None] | None = None
        self._is_closing = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        global _running
        _running = self
        self._tasks = [self._loop.create_task(keep_running(work)) for work in (self._publish, self._listen)]

    async def close(self) -> None:
        global _running
        _running = None
        self._is_closing = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def publish_rows(self, rows: list[Row]) -> None:
        """Deliver a batch here and to the others. From any thread."""
        self._loop.call_soon_threadsafe(self._take_own_rows, rows)

    def send_ephemeral(
        self, topics: list[str], event_type: str, body: str, room_id: int | None, about_seq: int | None = None
    ) -> None:
        """Deliver an ephemeral event here and to the others. From any thread."""
        row = ephemeral_row(event_type, body, room_id, about_seq)
        self._loop.call_soon_threadsafe(self._take_own_ephemeral, topics, row)

    def send_ephemerals(self, events: list[tuple[list[str], str, str]]) -> None:
        """Deliver ephemeral events here and to the others, with each batch of them in one message. From any thread."""
        told = [(topics, ephemeral_row(event_type, body)) for topics, event_type, body in events]
        for start in range(0, len(told), EPHEMERAL_BATCH):
            self._loop.call_soon_threadsafe(self._take_own_ephemerals, told[start : start + EPHEMERAL_BATCH])

    def evict(self, stream_ids: list[str]) -> None:
        """Ask whichever process has these streams to close them. In the event loop."""
        self._listener.evict(stream_ids)
        self._put(broadcast_messages.of_eviction(stream_ids))

    def _take_own_rows(self, rows: list[Row]) -> None:
        self._listener.take_rows(rows)
        self._put(broadcast_messages.of_rows(rows))

    def _take_own_ephemeral(self, topics: list[str], row: Row) -> None:
        self._listener.take_ephemeral(topics, row)
        self._put(broadcast_messages.of_ephemeral(topics, row))

    def _take_own_ephemerals(self, told: list[tuple[list[str], Row]]) -> None:
        self._listener.take_ephemerals(told)
        self._put(broadcast_messages.of_ephemerals(told))

    def _put(self, message: dict[str, Any]) -> None:
        try:
            self._waiting.put_nowait(message | {"origin": self._origin})
        except asyncio.QueueFull:
            self._lose()

    def _lose(self) -> None:
        self._is_behind = True
        metrics.BROADCAST_LOST.inc()

    async def _publish(self) -> None:
        while True:
            message = await self._waiting.get()
            if self._is_behind and self._waiting.empty():
                message = broadcast_messages.LOOK_MESSAGE | {"origin": self._origin}
            sent_at = self._loop.time()
            if await self._attempt(partial(self._layer.group_send, GROUP, message)):
                self._is_behind = self._is_behind and message["type"] != broadcast_messages.LOOK_MESSAGE["type"]
                self._expect_echo(sent_at)
            else:
                self._lose()

    def _expect_echo(self, sent_at: float) -> None:
        if self._heard_at >= sent_at:
            return  # it may come sooner than the answer of Redis
        if self._unheard_since is None:
            self._unheard_since = sent_at
        elif self._loop.time() - self._unheard_since > NO_ECHO_SECONDS and self._receiver is not None:
            logger.warning("redis_unheard")
            self._unheard_since = None
            self._receiver.cancel()

    async def _listen(self) -> None:
        """Receive, and subscribe again whenever _expect_echo() cancelled the receiver."""
        while True:
            self._receiver = self._loop.create_task(self._receive())
            try:
                await self._receiver
            except asyncio.CancelledError:
                if self._is_closing:
                    raise

    async def _receive(self) -> None:
        while (channel := await self._attempt(self._join)) is None:  # noqa: ASYNC110 - nothing notifies us
            await asyncio.sleep(SUBSCRIBE_RETRY_SECONDS)
        # What was published before this is not here.
        self._unheard_since = None
        self._listener.check_log()
        while True:
            message = await self._layer.receive(channel)
            self._heard_at = self._loop.time()
            self._unheard_since = None
            self._take(message)

    async def _join(self) -> str:
        # An attempt that failed leaves a channel behind, which would fill with nobody to empty it.
        await self._layer.flush()
        channel: str = await self._layer.new_channel()
        await self._layer.group_add(GROUP, channel)
        return channel

    async def _attempt(self, call: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """The call's answer (True where it has none), or None when Redis is away."""
        try:
            # Not wait_for(): that of Python 3.11 swallows a close() that meets the answer.
            async with asyncio.timeout(REDIS_SECONDS):
                answer = await call()
        except REDIS_ERRORS as error:
            redis_outage.note(error, by="broadcast")
            return None
        return True if answer is None else answer

    def _take(self, message: dict[str, Any]) -> None:
        try:
            if message["origin"] != self._origin:
                broadcast_messages.hand_over(message, self._listener, self.on_batch)
        except (KeyError, TypeError, msgspec.ValidationError) as error:
            logger.warning("broadcast_unreadable", error=error)
            self._listener.check_log()
