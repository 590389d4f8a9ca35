"""Presence, from open streams: renews leases, takes those that ran out, and tells who shares a small room.

Redis is asked in a thread of its own, so that its absence delays nothing else. Who comes and goes meanwhile is told
together.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import structlog
from django.db import Error, close_old_connections

from chats.stream.connection import Connection
from chats.stream.hub import Hub
from chatserver.events import log
from chatserver.events.broadcast import Broadcast
from chatserver.storage.redis_client import RedisAway
from users import presence
from users.last_seen import flush_last_seen, mark_seen
from users.models import User

# Who comes and goes is told in rooms of up to this many people. In larger ones it would be a flood: everybody's news
# to everybody. There one asks GET /api/v1/users/online/.
MAX_AUDIENCE = 250
# Arrivals and departures that wait for Redis, and calls. Past this, presence is late rather than the process full.
MAX_NOTED = 20_000
MAX_WAITING = 100
NOTED_BATCH = 500

# A part of the users at each renewal of the leases.
KEEP_TURNS = presence.KEEP_SECONDS // presence.RENEW_SECONDS

Noted = deque[tuple[int, str]]
logger = structlog.get_logger(__name__)


class PresenceTracker:
    """The presence of the users whose streams this process holds."""

    def __init__(self, hub: Hub, broadcast: Broadcast) -> None:
        self._hub = hub
        self._broadcast = broadcast
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, "presence")
        self._waiting = 0
        # (user id, stream id). The loop adds, the thread takes.
        self._arrived: Noted = deque()
        self._left: Noted = deque()
        self._is_noting = False

    def arrived(self, connection: Connection) -> None:
        """Note an open stream."""
        self._note(self._arrived, connection)

    def left(self, connection: Connection) -> None:
        """Note that a stream has ended. Its user stays online until his lease runs out."""
        self._note(self._left, connection)

    @property
    def tasks(self) -> list[Callable[[], Awaitable[None]]]:
        """What has to run as long as streams may be open."""
        return [self._renew_forever, self._sweep_forever]

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _renew_forever(self) -> None:
        """Renew the leases of everybody here, and write when people were last seen."""
        for turn in count():
            await asyncio.sleep(presence.RENEW_SECONDS)
            user_ids = self._hub.subscribers.user_ids
            for user_id in user_ids:
                mark_seen(user_id)
            self._submit(self._renew, user_ids)
            self._submit(presence.keep_streams, [user_id for user_id in user_ids if (user_id - turn) % KEEP_TURNS == 0])
            self._submit(flush_last_seen)

    async def _sweep_forever(self) -> None:
        """Announce whose lease ran out."""
        while True:
            await asyncio.sleep(presence.SWEEP_SECONDS)
            self._submit(self._sweep)

    def _note(self, noted: Noted, connection: Connection) -> None:
        if len(noted) < MAX_NOTED:
            noted.append((connection.user_id, connection.id))
        if not self._is_noting:
            # Before: the thread may take it back at once.
            self._is_noting = True
            if not self._submit(self._tell_noted):
                self._is_noting = False

    def _submit(self, call: Callable[..., Any], *arguments: Any) -> bool:
        """Have the thread do this. False where so much waits already that it will not be done."""
        if self._waiting >= MAX_WAITING:
            return False
        self._waiting += 1
        future = self._loop.run_in_executor(self._thread, self._attempt, call, *arguments)
        future.add_done_callback(self._finish)
        return True

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

    def _tell_noted(self) -> None:
        """Tell Redis who came and went, until there is nothing more to tell."""
        # Whoever comes from now on rings again; what he adds is taken by us or by that call.
        self._is_noting = False
        while self._arrived or self._left:
            # These first: whoever left has arrived before, and is to be noted before.
            left = _take(self._left)
            while self._arrived:
                self._tell_arrived(_take(self._arrived))
            if left:
                presence.close_streams(left)

    def _tell_arrived(self, arrived: list[tuple[int, str]]) -> None:
        came, evicted = presence.open_streams(arrived)
        if evicted:
            self._loop.call_soon_threadsafe(self._broadcast.evict, evicted)
        if came:
            self._announce(came, is_online=True)

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


def _take(noted: Noted) -> list[tuple[int, str]]:
    """The oldest, one batch. Only this thread takes."""
    return [noted.popleft() for _ in range(min(NOTED_BATCH, len(noted)))]
