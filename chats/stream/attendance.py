"""Presence, from open streams: renews leases, takes those that ran out, and tells who shares a small room.

Redis is asked in a thread of its own, so that its absence delays nothing else.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from django.db import Error, close_old_connections

from chats.stream.connection import Connection
from chats.stream.hub import Hub
from chatserver.cache import RedisAway
from chatserver.events import log
from chatserver.events.broadcast import Broadcast
from users import presence
from users.actions import forget_expired
from users.last_seen import flush_last_seen, mark_seen
from users.models import User

# Who comes and goes is told in rooms of up to this many people. In larger ones it would be a flood: everybody's news
# to everybody. There one asks GET /api/v1/users/online/.
MAX_AUDIENCE = 250
# Calls that wait for Redis or the database; past this, presence is late rather than the process full.
MAX_WAITING = 2_000
# What has run out counts for nothing already; this only keeps the tables small.
FORGET_SECONDS = 3600

logger = structlog.get_logger(__name__)


class Attendance:
    """The presence of the users whose streams this process holds."""

    def __init__(self, hub: Hub, broadcast: Broadcast) -> None:
        self._hub = hub
        self._broadcast = broadcast
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, "presence")
        self._waiting = 0

    def arrived(self, connection: Connection) -> None:
        """Note an open stream."""
        self._submit(self._note_arrival, connection.user_id, connection.id)

    def left(self, connection: Connection) -> None:
        """Note that a stream has ended. Its user stays online until his lease runs out."""
        self._submit(presence.close_stream, connection.user_id, connection.id)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def renew_forever(self) -> None:
        """Renew the leases of everybody here, and write when people were last seen."""
        while True:
            await asyncio.sleep(presence.RENEW_SECONDS)
            user_ids = self._hub.user_ids
            for user_id in user_ids:
                mark_seen(user_id)
            self._submit(self._renew, user_ids)
            self._submit(flush_last_seen)

    async def forget_forever(self) -> None:
        """Delete what has run out. Every process does; what one has deleted the next does not find."""
        while True:
            await asyncio.sleep(FORGET_SECONDS)
            self._submit(forget_expired)

    async def sweep_forever(self) -> None:
        """Announce whose lease ran out."""
        while True:
            await asyncio.sleep(presence.SWEEP_SECONDS)
            self._submit(self._sweep)

    def _submit(self, call: Callable[..., Any], *arguments: Any) -> None:
        if self._waiting >= MAX_WAITING:
            return
        self._waiting += 1
        future = self._loop.run_in_executor(self._thread, self._attempt, call, *arguments)
        future.add_done_callback(self._finish)

    def _finish(self, future: asyncio.Future[None]) -> None:
        self._waiting -= 1
        if not future.cancelled() and future.exception() is not None:
            logger.error("presence_broke", error=repr(future.exception()))

    def _attempt(self, call: Callable[..., Any], *arguments: Any) -> None:
        try:
            close_old_connections()
            call(*arguments)
        except (*RedisAway, Error) as error:
            logger.warning("presence_waits", error=str(error).strip())

    # In the thread

    def _note_arrival(self, user_id: int, stream_id: str) -> None:
        is_new, evicted = presence.open_stream(user_id, stream_id)
        if evicted:
            self._loop.call_soon_threadsafe(self._broadcast.evict, evicted)
        if is_new:
            self._announce([user_id], is_online=True)

    def _renew(self, user_ids: list[int]) -> None:
        back = presence.renew(user_ids)
        if back:
            self._announce(back, is_online=True)

    def _sweep(self) -> None:
        gone = presence.sweep()
        if gone:
            self._announce(gone, is_online=False)

    def _announce(self, user_ids: list[int], *, is_online: bool) -> None:
        audiences = log.small_topics_of(user_ids, MAX_AUDIENCE)
        for user in User.objects.filter(pk__in=user_ids).only("pk", "username"):
            if audiences[user.pk]:
                person = {"id": user.pk, "username": user.username, "online": is_online}
                log.emit_ephemeral(audiences[user.pk], "presence.changed", person)
