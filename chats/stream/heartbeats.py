"""Sends each stream its heartbeats, and ends it when its credential expires.

A timing wheel: each stream has a slot, and each step visits the streams of one slot only. So the work is spread evenly,
however many streams came at once, and a step does not touch streams that need nothing.
"""

import asyncio
import time
from itertools import cycle

from chats.stream.connection import Connection
from chats.stream.dialects import Dialect
from chats.stream.hub import Hub

HEARTBEAT_SECONDS = 15
WHEEL_SLOTS = 60
WHEEL_STEP_SECONDS = HEARTBEAT_SECONDS / WHEEL_SLOTS
# Streams whose credential expires within this are checked at each step. It is longer than a round, so none is missed.
EXPIRES_SOON_SECONDS = 60
# If the clock was set by more than this, all streams are checked for ends that are near now.
CLOCK_JUMP_SECONDS = 0.5


class Heartbeats:
    """The wheel of one process."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._slots: list[set[Connection]] = [set() for _ in range(WHEEL_SLOTS)]
        self._next_slots = cycle(range(WHEEL_SLOTS))
        self._step = 0
        self._expiring: set[Connection] = set()
        self._clock = time.time() - time.monotonic()
        # The heartbeat that was made last for each dialect, and its position: nearly all streams get the same.
        self._made: dict[Dialect, tuple[int, bytes]] = {}

    def add(self, connection: Connection) -> None:
        connection.slot = next(self._next_slots)
        self._slots[connection.slot].add(connection)
        self._note_expiry(connection, time.time())

    def remove(self, connection: Connection) -> None:
        self._slots[connection.slot].discard(connection)
        self._expiring.discard(connection)

    async def run_forever(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            # By the clock, so that the steps' own time does not add up. Missed steps are not made up for.
            due = max(due + WHEEL_STEP_SECONDS, loop.time())
            await asyncio.sleep(due - loop.time())
            self.step()

    def step(self) -> None:
        """Send heartbeats to the streams of the next slot, and end streams whose credential has expired."""
        now = time.time()
        self._step = (self._step + 1) % WHEEL_SLOTS
        clock = now - time.monotonic()
        if abs(clock - self._clock) > CLOCK_JUMP_SECONDS:
            self._clock = clock
            self._expiring.update(
                connection for connection in self._hub.subscribers.connections if connection.expires_at is not None
            )
        for connection in self._slots[self._step]:
            self.beat(connection)
            self._note_expiry(connection, now)
        for connection in self._expiring:
            if connection.expires_at is not None and connection.expires_at <= now:
                connection.end("expired")
        self._hub.dispatch.flush()

    def beat(self, connection: Connection) -> None:
        """Queue a heartbeat, for the next flush().

        A stream that was attached ahead of the hub has received rows above the hub's position: its own must not move
        back (I4).
        """
        position = max(self._hub.position, connection.position)
        dialect = connection.dialect
        made_at, heartbeat = self._made.get(dialect, (-1, b""))
        if made_at != position:
            heartbeat = dialect.heartbeat(position)
            self._made[dialect] = (position, heartbeat)
        self._hub.dispatch.push_heartbeat(connection, heartbeat)

    def _note_expiry(self, connection: Connection, now: float) -> None:
        if connection.expires_at is not None and connection.expires_at <= now + EXPIRES_SOON_SECONDS:
            self._expiring.add(connection)
