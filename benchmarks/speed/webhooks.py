"""`webhooks`: how fast events that wait are delivered to ten endpoints, and what memory that takes."""

import time

from benchmarks.processes.service import Seed, Service
from benchmarks.speed.receiver import Arrivals, start_receiver, stop_receiver, take_arrivals
from benchmarks.speed.report import Figure, Finding
from benchmarks.speed.run import Run, Side

ENDPOINTS = 10
ROOMS = 20
DELIVERIES_PER_SECOND = 1_000.0
# What waits is as much as should take so long.
SECONDS, SHORT_SECONDS = 100.0, 10.0
WARM_EVENTS = 100
MEMORY_MB = 50.0
PROGRESS_SECONDS = 0.25
# Without a delivery for so long, something is wrong.
STUCK_SECONDS = 30.0
BODY = '{"id":1,"message":"%s"}' % ("hello " * 80)
ADD_ENDPOINTS = """
WITH service AS (UPDATE users_user SET is_service = true WHERE id = (SELECT min(id) FROM users_user) RETURNING id)
INSERT INTO webhooks_endpoint (owner_id, url, types, is_enabled, is_ordered, begins_after, disabled_reason, secret_salt,
    previous_salt)
SELECT service.id, 'http://127.0.0.1:' || %s || '/' || n, '{*}', true, true, 0, '', 'salt-' || n, ''
FROM service, generate_series(1, %s) n
"""
# No stream hears them.
ADD_EVENTS = """
INSERT INTO events_outbox (kind, topic, type, room_id, at, body)
SELECT 0, 'benchmark', 'message.created', n %% %s, clock_timestamp(), %s FROM generate_series(1, %s) n
"""
DISABLE = "UPDATE webhooks_endpoint SET is_enabled = false"


def measure(run: Run) -> None:
    events = int(run.options.pick(SECONDS, SHORT_SECONDS) * DELIVERIES_PER_SECOND / ENDPOINTS)
    with run.sides(Seed(users=1), workers=2) as sides:
        for side in sides:
            run.add(measure_side(run, side, events))


def measure_side(run: Run, side: Side, events: int) -> Finding:
    service = side.service
    port = side.listeners.call(start_receiver)
    service.sql(ADD_ENDPOINTS, port, ENDPOINTS)
    deliver(run, side, min(WARM_EVENTS, events))  # what is slow only the first time
    before = megabytes(service)
    usage = side.usage()
    took, most = deliver(run, side, events)
    arrivals: Arrivals = side.listeners.call(take_arrivals)
    side.listeners.call(stop_receiver)
    service.sql(DISABLE)
    run.fail(*arrivals.faults)
    figures = [
        Figure("deliveries", events * ENDPOINTS / took, "/s", DELIVERIES_PER_SECOND),
        Figure("memory more at most", most - before, "MB", MEMORY_MB, is_at_most=True),
        Figure("deliveries checked", arrivals.count),
    ]
    title = f"Webhooks, {events * ENDPOINTS:,} waiting deliveries to {ENDPOINTS} endpoints, {side.name}"
    return Finding(title, figures, [usage.note()])


def deliver(run: Run, side: Side, events: int) -> tuple[float, float]:
    """Write so many events, and wait until all endpoints have them: in how many seconds, and with how many MB."""
    goal = side.listeners.call(take_arrivals).count + events * ENDPOINTS
    began = moved = time.monotonic()
    count, most = 0, 0.0
    side.service.sql(ADD_EVENTS, ROOMS, BODY, events)
    while count < goal:
        time.sleep(PROGRESS_SECONDS)
        now = side.listeners.call(take_arrivals).count
        most = max(most, megabytes(side.service))
        if now > count:
            count, moved = now, time.monotonic()
        elif time.monotonic() > moved + STUCK_SECONDS:
            run.fail(f"{goal - count} deliveries did not come")
            break
    return moved - began, most


def megabytes(service: Service) -> float:
    return sum(worker.memory_info().rss for worker in service.server.worker_processes()) / 2**20
