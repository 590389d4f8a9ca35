"""`day`: people at work, at humane rates, all of them connected: how long each thing takes, and what it costs.

They are in General, where nobody writes, and in five rooms of fifty.
"""

import random
import time
from collections import Counter

from benchmarks.processes.service import Seed, Service
from benchmarks.speed.day_actions import Person, live
from benchmarks.speed.day_streams import reconnect_at
from benchmarks.speed.report import Figure, Finding
from benchmarks.speed.run import Run, Side
from benchmarks.speed.stream_calls import close_streams, open_streams, settle, take_received
from benchmarks.speed.streams import Plan
from benchmarks.speed.tally import Tally

PEOPLE = (1_000, 5_000, 10_000)
SHORT_PEOPLE = (200,)
PEOPLE_OF_A_ROOM, ROOMS_OF_A_PERSON = 50, 5
MESSAGES_OF_A_ROOM = 100
RECONNECTS_HOURLY = 4.0
P99_OF_A_DAY_MS = 300.0
# What waits is done within this, if it ever is.
LAST_SECONDS = 15.0
# So long it takes until everybody was told of thousands who came at once, which is no part of a day.
ARRIVAL_SECONDS = 15
MEMBERSHIPS = "SELECT user_id, room_id FROM rooms_membership WHERE room_id <> 0 ORDER BY user_id, room_id"


def measure(run: Run) -> None:
    sizes = (run.options.streams,) if run.options.streams else SHORT_PEOPLE if run.options.is_short else PEOPLE
    cores: dict[str, list[float]] = {}
    for people in sizes:
        rooms = max(1, people * ROOMS_OF_A_PERSON // PEOPLE_OF_A_ROOM)
        with run.sides(Seed(people, rooms, rooms * MESSAGES_OF_A_ROOM), workers=2) as sides:
            for side in sides:
                run.say(f"{people:,} people, {side.name}")
                figures, used = live_one(run, side, people)
                cores.setdefault(side.name, []).append(used)
                run.add(Finding(f"A day of {people:,} people, {side.name}", figures))
    growth = [
        Figure(f"cores for {sizes[-1]:,} people, of those for {sizes[0]:,}, {name}", found[-1] / found[0], "times")
        for name, found in cores.items()
        if len(found) > 1
    ]
    if growth:
        run.add(Finding("A day, how it grows", growth))


def live_one(run: Run, side: Side, people: int) -> tuple[list[Figure], float]:
    """What was measured, and the cores that it took."""
    service, seconds = side.service, run.options.pick(30, 3)
    cast = people_of(service, people)
    side.listeners.call(open_streams, Plan(service.port, [person.token for person in cast]))
    # Until everybody was told who has come.
    time.sleep(run.options.pick(ARRIVAL_SECONDS, 1))
    side.listeners.call(take_received)
    before, began = service.cpu_seconds(), time.monotonic()
    side.listeners.begin(reconnect_at, people * RECONNECTS_HOURLY / 3600, seconds)
    done = side.writers.call(live, service.port, cast, seconds)
    reconnects: Tally = side.listeners.finish()
    cores = {name: (used - before[name]) / (time.monotonic() - began) for name, used in service.cpu_seconds().items()}
    listeners = Counter(room for person in cast for room in person.rooms)
    due = sum(count * listeners[room] for room, count in done.posts.items())
    received = side.listeners.call(settle, due, LAST_SECONDS)
    side.listeners.call(close_streams)
    run.fail(*received.faults)
    if received.closed:
        run.fail(f"{received.closed} streams were closed")
    if received.events != due:
        run.fail(f"{received.events} deliveries, where {due} were due")
    figures = [
        Figure(f"{name}, p99", tally.latencies.percentile_ms(0.99), "ms", P99_OF_A_DAY_MS, is_at_most=True)
        for name, tally in {**done.answers, "come back": reconnects}.items()
    ]
    figures += [
        Figure("from a post to each stream, p99", received.latencies.percentile_ms(0.99), "ms"),
        Figure("requests", sum(tally.rate for tally in done.answers.values()), "/s"),
        Figure("deliveries checked", received.events),
        *(Figure(f"cores, {name}", share) for name, share in cores.items()),
    ]
    return figures, sum(cores.values())


def people_of(service: Service, count: int) -> list[Person]:
    """Those with a token, and the rooms that each writes in."""
    rooms: dict[int, list[int]] = {}
    for user, room in service.sql(MEMBERSHIPS):
        rooms.setdefault(user, []).append(room)
    found = [Person(account.token, tuple(rooms[account.user_id])) for account in service.accounts[:count]]
    random.Random(1).shuffle(found)  # noqa: S311 - the same each time
    return found
