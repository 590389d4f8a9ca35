"""What each stream needs now and then though nothing happens: a heartbeat, and an end when its right runs out.

A wheel: each stream has its place, and each turn touches those of one place only. So the work is spread evenly, however
many streams came at once, and a turn does not look at streams that need nothing.
"""

import asyncio
import time
from itertools import cycle

from chats.stream import sse
from chats.stream.connection import Connection
from chats.stream.hub import Hub

HEARTBEAT_SECONDS = 15
PLACES = 60
TURN_SECONDS = HEARTBEAT_SECONDS / PLACES
# Whose right runs out within this is looked at each turn. Far more than a round, so that none is overlooked.
SOON_SECONDS = 60
# A clock that was set by more than this makes ends near that were far.
CLOCK_SECONDS = 0.5


class Heartbeats:
    """The wheel of one process."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._places: list[set[Connection]] = [set() for _ in range(PLACES)]
        self._numbers = cycle(range(PLACES))
        self._turn = 0
        self._ending: set[Connection] = set()
        self._clock = time.time() - time.monotonic()
        # The heartbeat that was made last, and its position: nearly all streams get the same.
        self._beat: tuple[int, bytes] = (-1, b"")

    def add(self, connection: Connection) -> None:
        connection.place = next(self._numbers)
        self._places[connection.place].add(connection)
        self._look_at_end(connection, time.time())

    def remove(self, connection: Connection) -> None:
        self._places[connection.place].discard(connection)
        self._ending.discard(connection)

    async def run_forever(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            # From the clock, so that the turns' own time does not add up; what was missed is not made up for.
            due = max(due + TURN_SECONDS, loop.time())
            await asyncio.sleep(due - loop.time())
            self.turn()

    def turn(self) -> None:
        """Heartbeats for the next place, an end for who has expired."""
        now = time.time()
        self._turn = (self._turn + 1) % PLACES
        clock = now - time.monotonic()
        if abs(clock - self._clock) > CLOCK_SECONDS:
            self._clock = clock
            self._ending.update(
                connection for connection in self._hub.subscribers.connections if connection.expires_at is not None
            )
        for connection in self._places[self._turn]:
            self.beat(connection)
            self._look_at_end(connection, now)
        for connection in self._ending:
            if connection.expires_at is not None and connection.expires_at <= now:
                connection.end("expired")
        self._hub.dispatch.flush()

    def beat(self, connection: Connection) -> None:
        """Queue a heartbeat, for the next flush().

        A stream that was attached ahead of the hub has heard more than the hub's position says: it must not be moved
        back (I4).
        """
        position = max(self._hub.position, connection.position)
        if position != self._beat[0]:
            self._beat = (position, sse.position_frame(position))
        self._hub.dispatch.push_beat(connection, self._beat[1])

    def _look_at_end(self, connection: Connection, now: float) -> None:
        if connection.expires_at is not None and connection.expires_at <= now + SOON_SECONDS:
            self._ending.add(connection)
