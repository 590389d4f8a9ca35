"""`idle`: what streams cost that get nothing but heartbeats."""

import time

from benchmarks.processes.server import GENERAL
from benchmarks.processes.service import Seed
from benchmarks.speed.report import Figure, Finding
from benchmarks.speed.run import Run, Side
from benchmarks.speed.stream_calls import close_streams, open_streams, settle, take_received
from benchmarks.speed.streams import Plan

STREAMS = 10_000
SHORT_STREAMS = 2_000
HEARTBEAT_SECONDS = 15
# A thread connects to the database with its first piece of work. By chance one may still have had none behind these.
WARM_TIMES = 5
WARM_STREAMS = 500
# Until the process has tidied up behind so many openings.
REST_SECONDS = 2.0
KB_PER_STREAM = 20.0
CPU_PERCENT = 3.0


def measure(run: Run) -> None:
    streams = run.options.streams or (SHORT_STREAMS if run.options.is_short else STREAMS)
    with run.sides(Seed(users=streams), workers=1) as sides:
        for side in sides:
            run.add(measure_side(run, side, streams))


def measure_side(run: Run, side: Side, streams: int) -> Finding:
    service, listeners = side.service, side.listeners
    seconds = run.options.pick(32, HEARTBEAT_SECONDS + 1)
    worker, *_ = service.server.worker_processes()

    def open_for(tokens: list[str]) -> None:
        listeners.call(open_streams, Plan(service.port, tokens, rooms=frozenset({GENERAL})))

    # What all streams share is there when the first ones have come: threads, connections, imports.
    for _ in range(WARM_TIMES):
        open_for(service.tokens[:WARM_STREAMS])
        listeners.call(close_streams)
    open_for(service.tokens[:1])
    before = service.holdings()
    run.say(f"opening {streams:,} streams, {side.name}")
    began = time.monotonic()
    open_for(service.tokens[1:streams])
    opened_in = time.monotonic() - began
    time.sleep(REST_SECONDS)
    run.say(f"at rest for {seconds:.0f} s, {side.name}")
    listeners.call(take_received)
    cpu, wall = sum(worker.cpu_times()[:2]), time.monotonic()
    time.sleep(seconds)
    share = (sum(worker.cpu_times()[:2]) - cpu) / (time.monotonic() - wall)
    after = service.holdings()
    received = listeners.call(settle, 0, 0)
    listeners.call(close_streams)
    due = int(seconds // HEARTBEAT_SECONDS) * streams
    if after.streams != streams:
        run.fail(f"the service counts {after.streams:.0f} streams, not {streams}")
    if received.closed:
        run.fail(f"{received.closed} streams were closed")
    if received.heartbeats < due:
        run.fail(f"{received.heartbeats} heartbeats, where {due} were due")
    added = max(1, streams - 1)
    kilobytes = (after.megabytes - before.megabytes) * 1024 / added
    figures = [
        Figure("memory of a stream", kilobytes, "KB", KB_PER_STREAM, is_at_most=True),
        Figure("memory of the process", after.megabytes, "MB"),
        Figure("share of a core", share * 100, "%", CPU_PERCENT, is_at_most=True),
        Figure("threads more", after.threads - before.threads, "", 0, is_at_most=True),
        Figure("database connections more", after.database - before.database, "", 0, is_at_most=True),
        Figure("descriptors of a stream", (after.descriptors - before.descriptors) / added),
        Figure("heartbeats checked", received.heartbeats),
        Figure("opened a second", streams / opened_in, "/s"),
    ]
    return Finding(f"{streams:,} idle streams, {side.name}", figures, [f"Before: {before}. After: {after}."])
