"""`presence`: what it costs that 10,000 people see each other come and go.

They are in General, which hears nothing of it, and in five rooms of fifty.
"""

import time

from benchmarks.processes.service import Seed
from benchmarks.speed.presence_streams import come_and_go, report_activity
from benchmarks.speed.report import Figure, Finding
from benchmarks.speed.run import Run, Side
from benchmarks.speed.stream_calls import close_streams, open_streams, take_received
from benchmarks.speed.streams import Plan

PEOPLE_PRESENT = 10_000
SHORT_PEOPLE_PRESENT = 200
# One in so many is absent.
ABSENT_EACH = 10
ROOM_SIZE, ROOMS_EACH = 50, 5
# In a minute so many of the people come, and as many go.
MOVING_SHARE = 0.05
# So many do something, and their clients report it every 2 minutes.
ACTIVE_SHARE = 0.2
REPORTS_APART_SECONDS = 120
# Who goes is told up to 50 s later: from then on as many go, as others see it, as come.
WARM_UP_SECONDS = 55
COMMANDS_WORD = "total_commands_processed"


def measure(run: Run) -> None:
    present = run.options.streams or (SHORT_PEOPLE_PRESENT if run.options.is_short else PEOPLE_PRESENT)
    people = present * ABSENT_EACH // (ABSENT_EACH - 1)
    with run.sides(Seed(people, max(1, people * ROOMS_EACH // ROOM_SIZE)), workers=1) as sides:
        for side in sides:
            run.add(measure_side(run, side))


def measure_side(run: Run, side: Side) -> Finding:
    service, listeners = side.service, side.listeners
    # In each room, which has people whose accounts follow each other.
    absent = service.tokens[::ABSENT_EACH]
    here = sorted(set(service.tokens) - set(absent))
    present = len(here)
    seconds, rate = run.options.pick(60, 5), present * MOVING_SHARE / 60
    run.say(f"opening {present:,} streams, {side.name}")
    listeners.call(open_streams, Plan(service.port, here))
    run.say(f"{rate:.1f} people come and go a second, {side.name}")
    absent = listeners.call(come_and_go, absent, rate, 2.0 if run.options.is_short else WARM_UP_SECONDS)
    listeners.call(take_received)
    cpu, wall, commands = service.cpu_seconds(), time.monotonic(), redis_commands(side)
    listeners.begin(come_and_go, absent, rate, seconds)
    reports = present * ACTIVE_SHARE / REPORTS_APART_SECONDS
    side.writers.call(report_activity, service.port, here[: round(present * ACTIVE_SHARE)], reports, seconds)
    listeners.finish()
    taken = time.monotonic() - wall
    cores = {name: (used - cpu[name]) / taken for name, used in service.cpu_seconds().items()}
    asked = (redis_commands(side) - commands) / taken
    received = listeners.call(take_received)
    listeners.call(close_streams)
    if received.closed:
        run.fail(f"{received.closed} streams were closed")
    figures = [
        Figure("people who come, and who go", rate, "/s"),
        Figure("events that streams got", received.presence / taken, "/s"),
        Figure("of them in a read", received.presence / max(1, received.presence_reads)),
        Figure("reports of activity", reports, "/s"),
        Figure("Redis commands", asked, "/s"),
        *(Figure(f"cores, {name}", share) for name, share in cores.items()),
    ]
    return Finding(f"Presence of {present:,} people, {side.name}", figures)


def redis_commands(side: Side) -> int:
    return int(side.service.valkey.execute("INFO", "stats")[COMMANDS_WORD])
