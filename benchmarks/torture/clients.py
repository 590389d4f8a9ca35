"""Everybody who takes part in a run."""

import time

from benchmarks.torture.context import Scene
from benchmarks.torture.options import Options
from benchmarks.torture.pollers import Poller
from benchmarks.torture.readers import Reader
from benchmarks.torture.rooms import Rooms
from benchmarks.torture.writers import Writer

POLLERS = 2
# Long enough to be answered with a reset now and then.
LONGEST_ABSENCE_SECONDS = 120.0
# Rooms where all writers meet, so that messages compete.
SHARED_ROOMS = 4

Client = Reader | Poller


def people_needed(options: Options) -> int:
    """One service account, the writers, and who reads."""
    return 1 + options.writers + options.readers + POLLERS


class Cast:
    """`clients` are the readers and the pollers: all who have to catch up at the end."""

    def __init__(self, scene: Scene, options: Options) -> None:
        service, *others = scene.cluster.people
        absence = min(LONGEST_ABSENCE_SECONDS, options.seconds / 2)
        self.readers = [
            Reader(scene, f"reader {number}", person, absence)
            for number, person in enumerate(others[options.writers : -POLLERS])
        ]
        self.pollers = [Poller(scene, f"poller {number}", person) for number, person in enumerate(others[-POLLERS:])]
        self.clients: list[Client] = [*self.readers, *self.pollers]
        self._by_user = {client.person.user_id: client for client in self.clients}
        rooms = Rooms([client.person for client in self.clients])
        pause = options.writers / options.rate
        self.writers = [
            Writer(scene, f"writer {number}", person, service, rooms, pause, self._revoked)
            for number, person in enumerate(others[: options.writers])
        ]

    async def make_rooms(self) -> None:
        everybody = [writer.person for writer in self.writers]
        for number in range(SHARED_ROOMS):
            kind = "open" if number % 2 else "closed"
            if not await self.writers[number % len(self.writers)].create_room(kind, everybody):
                raise RuntimeError("the rooms could not be made")

    def _revoked(self, user_id: int, credential: str) -> None:
        visit = self._by_user[user_id].visit
        if visit is not None and visit.hello_at and credential == visit.credential:
            visit.must_end_at = time.monotonic()
