"""Starts and stops everything that runs in a server process beside its requests."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import Error, close_old_connections

from chats.actions.edits import forget_old_texts
from chats.stream.presence_tracker import PresenceTracker
from chats.stream.server import StreamServer
from chatserver.audit.trimming import trim_audit
from chatserver.concurrency.supervision import keep_running
from chatserver.events import redaction
from chatserver.events.broadcast import Broadcast
from chatserver.events.rows import Row
from chatserver.events.sequencer import Sequencer
from chatserver.http import probes
from chatserver.http.metrics import WORKERS
from chatserver.server.workers import Workers
from chatserver.storage.outages import database_outage
from chatserver.storage.postgres.deadlines import deadlines
from rooms.actions import announcements, exclusions, general
from rooms.actions.invitations import forget_invitations
from rooms.actions.members import forget_leavers
from users.actions.credentials import forget_expired

RECONNECT_SECONDS = 1.0
# Expired rows are ignored already; deleting them only keeps the tables small.
FORGET_EXPIRED_SECONDS = 3600
# For what another process left over.
LEFTOVERS_POLL_SECONDS = 5.0

logger = structlog.get_logger(__name__)


class Runtime:
    """One per process. Everything here happens in its event loop."""

    def __init__(self, max_streams: int) -> None:
        self.streams = StreamServer(max_streams)
        # Set when streams may open.
        self.started = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_started = False
        # Ends what was started, the last first.
        self._exits = AsyncExitStack()
        probes.is_starting = lambda: not self.started.is_set()
        probes.is_draining = lambda: self.streams.is_draining

    def ensure_started(self) -> None:
        """Start, the first time. Called by each request too: daphne has no lifespan protocol."""
        if not self._is_started:
            self._is_started = True
            WORKERS.set(1)
            deadlines.start()
            self._spawn(self._start)

    async def _start(self) -> None:
        await self._wait_for_database()
        await self._switch_general()
        broadcast = Broadcast(self.streams.hub)
        broadcast.start()
        self._exits.push_async_callback(broadcast.close)
        workers = Workers(delivers_webhooks=settings.CHAT_SERVE_WEBHOOKS)
        workers.start()
        self._exits.push_async_callback(asyncio.to_thread, workers.stop)

        def publish(rows: list[Row]) -> None:
            broadcast.publish_rows(rows)
            workers.wake_up()

        sequencer = Sequencer(publish)
        broadcast.on_batch = sequencer.note_batch
        sequencer.start()
        self._exits.push_async_callback(asyncio.to_thread, sequencer.stop)
        presence = PresenceTracker(self.streams.hub, broadcast)
        self._exits.callback(presence.close)
        self.streams.accept(presence)
        for work in (
            *self.streams.tasks,
            *presence.tasks,
            self._forget_expired_forever,
            self._settle_exclusions_forever,
            self._redact_forever,
            self._announce_forever,
        ):
            self._spawn(work)
        self.started.set()

    async def _wait_for_database(self) -> None:
        while True:
            try:
                await self.streams.connect()
                return
            except Error as error:
                database_outage.note(error, by="start")
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _switch_general(self) -> None:
        """Before anybody is served, unless that takes longer than the start may."""
        while True:
            step = partial(next, general.switch(), False)
            try:
                while await self.streams.run(_in_thread, step):
                    pass
                return
            except Error as error:
                database_outage.note(error, by="general")
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _forget_expired_forever(self) -> None:
        """Every process does this; what one has deleted the next does not find."""
        while True:
            await asyncio.sleep(FORGET_EXPIRED_SECONDS)
            try:
                await self.streams.run(_forget_expired)
            except Error as error:
                database_outage.note(error, by="forget_expired")

    async def _settle_exclusions_forever(self) -> None:
        """When somebody was banned or deleted here, and now and then."""
        await self._finish_forever(exclusions, exclusions.settle_next)

    async def _redact_forever(self) -> None:
        """When somebody was deleted here whom many events show, and now and then."""
        await self._finish_forever(redaction, redaction.redact_next)

    async def _announce_forever(self) -> None:
        """When somebody was renamed here of whom not everybody hears, and now and then."""
        await self._finish_forever(announcements, announcements.announce_next)

    async def _finish_forever(self, work: Any, step: Callable[[], bool]) -> None:
        """Take steps until there is nothing left to do. Between two of them others may have the thread."""
        noted = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(noted.set)

        work.wake = wake
        while True:
            noted.clear()
            try:
                while await self.streams.run(_in_thread, step):
                    pass
            except Error as error:
                database_outage.note(error, by=work.__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(noted.wait(), LEFTOVERS_POLL_SECONDS)

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.get_running_loop().create_task(keep_running(work))
        self._tasks.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Refuse new streams and end the open ones."""
        await self.streams.drain()

    async def hand_over(self) -> None:
        """End the open streams, and those that still open at once. Another process has taken our place."""
        await self.streams.end_all()

    async def stop(self) -> None:
        """End the tasks and threads. What is not sequenced yet another process will sequence, or the next start."""
        for task in list(self._tasks):
            task.cancel()
        await self._exits.aclose()
        self.streams.close()


def _forget_expired() -> None:
    close_old_connections()
    forget_expired()
    trim_audit(settings.CHAT_AUDIT_DAYS)
    forget_old_texts(settings.CHAT_EDIT_HISTORY_DAYS)
    forget_leavers()
    forget_invitations()


def _in_thread(step: Callable[[], bool]) -> bool:
    close_old_connections()
    return step()
