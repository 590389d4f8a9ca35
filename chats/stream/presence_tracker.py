"""Presence from open streams: renews leases, removes expired ones, and has both changes told in small rooms.

Redis is asked in a thread of its own, so that its absence delays nothing else. Arrivals and departures that happen
meanwhile are sent to it as one batch.
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
from chatserver.events.broadcast import Broadcast
from chatserver.storage.outages import database_outage, redis_outage
from chatserver.storage.redis_client import RedisAway
from users import activity, presence
from users.actions.presence import tell_presence
from users.last_seen import flush_last_seen, mark_seen
from users.presence_changes import has_changes, note_changes, take_changes

# How often changes are told, so that who comes and goes is told once.
TELL_SECONDS = 1.0
# Arrivals and departures that wait for Redis, and calls that wait for the thread. Past this, presence is late.
MAX_NOTED_STREAMS = 20_000
MAX_WAITING_CALLS = 100
NOTED_BATCH = 500
# Each renewal of the leases also renews the sets of streams of one in this many users.
KEEP_ROUNDS = presence.KEEP_SECONDS // presence.RENEW_SECONDS

# (user id, stream id)
NotedStreams = deque[tuple[int, str]]
logger = structlog.get_logger(__name__)


class PresenceTracker:
    """The presence of the users whose streams this process holds. Made and called in the event loop."""

    def __init__(self, hub: Hub, broadcast: Broadcast) -> None:
        self._hub = hub
        self._broadcast = broadcast
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, "presence")
        self._waiting = 0
        # The loop adds, the thread takes.
        self._arrived: NotedStreams = deque()
        self._left: NotedStreams = deque()
        self._is_submitted = False

    @property
    def tasks(self) -> list[Callable[[], Awaitable[None]]]:
        """What has to run as long as streams may be open."""
        return [self._renew_forever, self._sweep_forever, self._tell_forever]

    def arrived(self, connection: Connection) -> None:
        """Note an open stream."""
        self._note(self._arrived, connection)

    def left(self, connection: Connection) -> None:
        """Note that a stream has ended. Its user stays online until their lease runs out."""
        self._note(self._left, connection)

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _renew_forever(self) -> None:
        """Renew the leases of all users here, and write when they were last seen."""
        for number in count():
            await asyncio.sleep(presence.RENEW_SECONDS)
            user_ids = self._hub.subscribers.user_ids
            for user_id in user_ids:
                mark_seen(user_id)
            self._submit(self._renew, user_ids)
            kept = [user_id for user_id in user_ids if (user_id - number) % KEEP_ROUNDS == 0]
            self._submit(presence.keep_streams, kept)
            self._submit(flush_last_seen)

    async def _sweep_forever(self) -> None:
        """Find users whose lease or whose activity ran out."""
        while True:
            await asyncio.sleep(presence.SWEEP_SECONDS)
            self._submit(self._sweep)

    async def _tell_forever(self) -> None:
        """Tell what was noted, here and by requests."""
        while True:
            await asyncio.sleep(TELL_SECONDS)
            if has_changes():
                self._submit(self._tell)

    def _note(self, noted: NotedStreams, connection: Connection) -> None:
        if len(noted) < MAX_NOTED_STREAMS:
            noted.append((connection.user_id, connection.id))
        if not self._is_submitted:
            # Set first: the thread may reset it at once.
            self._is_submitted = True
            if not self._submit(self._send_noted):
                self._is_submitted = False

    def _submit(self, call: Callable[..., Any], *arguments: Any) -> bool:
        """Have the thread do this. False where so much waits already that it will not be done."""
        if self._waiting >= MAX_WAITING_CALLS:
            return False
        self._waiting += 1
        future = self._loop.run_in_executor(self._thread, self._attempt, call, *arguments)
        future.add_done_callback(self._finish)
        return True

    def _finish(self, future: asyncio.Future[None]) -> None:
        self._waiting -= 1
        if not future.cancelled() and future.exception() is not None:
            logger.error("presence_broke", error=future.exception())

    def _attempt(self, call: Callable[..., Any], *arguments: Any) -> None:
        try:
            close_old_connections()
            call(*arguments)
        except RedisAway as error:
            redis_outage.note(error, by="presence")
        except Error as error:
            database_outage.note(error, by="presence")

    # In the thread

    def _send_noted(self) -> None:
        """Send arrivals and departures to Redis, until nothing is noted any more."""
        # What is noted from now on is submitted again, and taken by this call or by that one.
        self._is_submitted = False
        while self._arrived or self._left:
            # Departures are taken first and sent last: a stream that has left has arrived before.
            left = _take(self._left)
            while self._arrived:
                self._send_arrived(_take(self._arrived))
            if left:
                presence.close_streams(left)

    def _send_arrived(self, arrived: list[tuple[int, str]]) -> None:
        came_online, evicted = presence.open_streams(arrived)
        if evicted:
            self._loop.call_soon_threadsafe(self._broadcast.evict, evicted)
        note_changes(came_online)

    def _renew(self, user_ids: list[int]) -> None:
        note_changes(presence.renew(user_ids))

    def _sweep(self) -> None:
        gone = presence.sweep()
        note_changes(gone)
        activity.forget_activity(gone)
        note_changes(activity.find_idle())

    def _tell(self) -> None:
        """Tell how people appear now, whatever it was that changed: of two processes, the later one is right."""
        changes = take_changes()
        try:
            tell_presence(changes)
        except (*RedisAway, Error):
            for user_id, is_choice in changes.items():
                note_changes([user_id], is_choice=is_choice)
            raise


def _take(noted: NotedStreams) -> list[tuple[int, str]]:
    """The oldest of them, one batch. Only the thread takes."""
    return [noted.popleft() for _ in range(min(NOTED_BATCH, len(noted)))]
