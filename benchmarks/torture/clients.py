"""All clients of a run."""

import time

from benchmarks.torture.context import Context
from benchmarks.torture.listeners import Listener
from benchmarks.torture.options import WRITERS, Options
from benchmarks.torture.package_readers import PackageReader
from benchmarks.torture.pollers import Poller
from benchmarks.torture.readers import Reader
from benchmarks.torture.rooms import Rooms
from benchmarks.torture.store_readers import StoreReader
from benchmarks.torture.users import make_mortal
from benchmarks.torture.writers import Writer

POLLERS = 2
MORTALS = 60
# One of so many readers is the Python client, and one of so many keeps its store.
PACKAGE_SHARE = 4
STORE_SHARE = 12
# Long enough to be answered with a reset now and then.
LONGEST_ABSENCE_SECONDS = 120.0
# Rooms where all writers meet, so that messages compete.
SHARED_ROOMS = 4
# Servers that have just started on a busy machine may answer too late.
ROOM_ATTEMPTS = 5


def users_needed(options: Options) -> int:
    """One service account, those who will delete their accounts, the writers, the readers and the pollers."""
    return 1 + MORTALS + WRITERS + options.readers + POLLERS


def kind_of(number: int) -> type[Reader]:
    """What this reader is."""
    if number % STORE_SHARE == 0:
        return StoreReader
    return Reader if number % PACKAGE_SHARE else PackageReader


class Clients:
    """`listeners` are the readers and the pollers: all who have to catch up at the end."""

    def __init__(self, context: Context, options: Options) -> None:
        service, *everybody = context.cluster.users
        mortals, others = everybody[:MORTALS], everybody[MORTALS:]
        make_mortal(mortals, context.cluster.engines)
        writers, listeners, pollers = others[:WRITERS], others[WRITERS:], others[-POLLERS:]
        absence = min(LONGEST_ABSENCE_SECONDS, options.seconds / 2)
        self.readers = [
            kind_of(number)(context, f"reader {number}", user, absence)
            for number, user in enumerate(listeners[:-POLLERS])
        ]
        self.store_readers = [reader for reader in self.readers if isinstance(reader, StoreReader)]
        self.listeners: list[Listener] = [
            *self.readers,
            *(Poller(context, f"poller {number}", user) for number, user in enumerate(pollers)),
        ]
        self._by_user = {listener.user.user_id: listener for listener in self.listeners}
        rooms, pause = Rooms(listeners, mortals), WRITERS / options.rate
        self.writers = [
            Writer(context, f"writer {number}", user, service, rooms, pause, self._revoked)
            for number, user in enumerate(writers)
        ]

    async def create_rooms(self) -> None:
        everybody = [writer.user for writer in self.writers]
        for number in range(SHARED_ROOMS):
            kind = "open" if number % 2 else "closed"
            for _ in range(ROOM_ATTEMPTS):
                if await self.writers[number % len(self.writers)].create_room(kind, everybody):
                    break
            else:
                raise RuntimeError("the rooms could not be made")

    def _revoked(self, user_id: int, credential: str) -> None:
        transcript = self._by_user[user_id].transcript
        if transcript is not None and transcript.hello_at and credential == transcript.credential:
            transcript.must_end_at = time.monotonic()
