"""`start`: how long a client with 300 rooms waits for all that it shows first, one client at a time."""

import time
from urllib.parse import quote

from benchmarks.processes.service import Seed
from benchmarks.speed.generator import Worker
from benchmarks.speed.report import Figure, Finding
from benchmarks.speed.run import Run
from benchmarks.speed.tally import Histogram
from benchmarks.speed.writers import open_writers

# With General, 300 rooms, each with messages and fifty members.
ROOMS, SHORT_ROOMS = 299, 49
MESSAGES_PER_ROOM = 20
USERS = 50
PAGE = 100
CALL_MS = 100.0
STARTS, SHORT_STARTS = 100, 3


def measure(run: Run) -> None:
    rooms = SHORT_ROOMS if run.options.is_short else ROOMS
    with run.sides(Seed(USERS, rooms, MESSAGES_PER_ROOM * (rooms + 1)), workers=2) as sides:
        for side in sides:
            run.say(f"{rooms + 1} rooms, {side.name}")
            side.listeners.call(open_writers, side.service.port, side.service.tokens[:1])
            count = SHORT_STARTS if run.options.is_short else STARTS
            first, whole = side.listeners.call(start_often, count, rooms + 1)
            figures = [
                Figure("first call, p50", first.percentile_ms(0.5), "ms"),
                Figure("first call, p99", first.percentile_ms(0.99), "ms", CALL_MS, is_at_most=True),
                Figure("all rooms, p50", whole.percentile_ms(0.5), "ms"),
                Figure("all rooms, p99", whole.percentile_ms(0.99), "ms"),
            ]
            run.add(Finding(f"Start of a client with {rooms + 1} rooms, {side.name}", figures))


async def start_often(worker: Worker, count: int, rooms: int) -> tuple[Histogram, Histogram]:
    """How long the first call of each start takes, and how long all calls do that lead through all rooms."""
    first, whole = Histogram(), Histogram()
    for _ in range(count):
        began = time.monotonic()
        page = (await worker.connections[0].get(f"/api/v1/sync/?limit={PAGE}")).json()
        first.add(time.monotonic() - began)
        seen = {room["id"] for room in page["rooms"]}
        while page["next"]:
            path = f"/api/v1/rooms/?limit={PAGE}&after={quote(page['next'])}"
            page = (await worker.connections[0].get(path)).json()
            seen |= {room["id"] for room in page["results"]}
        whole.add(time.monotonic() - began)
        if len(seen) != rooms:
            raise RuntimeError(f"{len(seen)} of {rooms} rooms came")
    return first, whole
