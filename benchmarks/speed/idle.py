"""`idle`: what streams cost that get nothing but heartbeats."""

import time

import psutil

from benchmarks.processes.server import GENERAL
from benchmarks.processes.service import Seed, Service
from benchmarks.speed.report import Chart, Figure, Finding, Series
from benchmarks.speed.run import Run, Side
from benchmarks.speed.stream_group import StreamGroup
from benchmarks.speed.streams import Plan

STREAMS = 10_000
SHORT_STREAMS = 2_000
HEARTBEAT_SECONDS = 15
STEPS = 5
# A thread connects to the database with its first piece of work. By chance one may still have had none behind these.
WARM_TIMES = 5
WARM_STREAMS = 500
# Until the process has tidied up behind so many openings.
REST_SECONDS = 2.0
KB_PER_STREAM = 20.0
CPU_PERCENT = 3.0
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'chatserver' AND pid <> pg_backend_pid()"


class Snapshot:
    """What a server process holds at a moment. Memory is resident, in bytes."""

    def __init__(self, service: Service, worker: psutil.Process) -> None:
        self.memory = worker.memory_info().rss
        self.threads = worker.num_threads()
        self.descriptors = worker.num_fds()
        self.connections = service.sql(CONNECTIONS)[0][0]
        self.streams = service.server.metric("chat_streams")

    def __str__(self) -> str:
        return (
            f"{self.memory / 2**20:.0f} MB, {self.threads} threads, {self.connections} database connections, "
            f"{self.descriptors} descriptors"
        )


def measure(run: Run) -> None:
    streams = run.options.streams or (SHORT_STREAMS if run.options.is_short else STREAMS)
    with run.sides(Seed(users=streams), workers=1) as sides:
        lines = [measure_side(run, side, streams) for side in sides]
    run.report.charts.append(Chart("Memory of one process", "open streams", "MB", lines))


def measure_side(run: Run, side: Side, streams: int) -> Series:
    service = side.service
    seconds = run.options.pick(32, HEARTBEAT_SECONDS + 1)
    worker, *_ = service.server.worker_processes()

    def open_streams(tokens: list[str]) -> StreamGroup:
        group = StreamGroup(side.generators, Plan(service.port, tokens, rooms=frozenset({GENERAL})))
        group.open()
        return group

    # What all streams share is there when the first ones have come: threads, connections, imports.
    for _ in range(WARM_TIMES):
        open_streams(service.tokens[:WARM_STREAMS]).close()
    group = open_streams(service.tokens[: len(side.generators)])
    before = Snapshot(service, worker)
    growth = [(1.0, before.memory / 2**20)]
    began = time.monotonic()
    rest = service.tokens[len(side.generators) : streams]
    for step in range(STEPS):
        run.step(f"opening, {(step + 1) * streams // STEPS:,} streams, {side.name}")
        open_streams(rest[step * len(rest) // STEPS : (step + 1) * len(rest) // STEPS])
        growth.append(((step + 1) * streams / STEPS, worker.memory_info().rss / 2**20))
    opened_in = time.monotonic() - began
    run.step(f"at rest, {side.name}")
    time.sleep(REST_SECONDS)
    group.begin()
    cpu, wall = sum(worker.cpu_times()[:2]), time.monotonic()
    time.sleep(seconds)
    share = (sum(worker.cpu_times()[:2]) - cpu) / (time.monotonic() - wall)
    after = Snapshot(service, worker)
    received = group.wait(0, 1).received
    if after.streams != streams:
        run.fail([f"the service counts {after.streams:.0f} streams, not {streams}"])
    if received.closed:
        run.fail([f"{received.closed} streams were closed"])
    due = int(seconds // HEARTBEAT_SECONDS) * streams
    if received.heartbeats < due:
        run.fail([f"{received.heartbeats} heartbeats, where {due} were due"])
    group.close()
    added = max(1, len(rest))
    each = (after.memory - before.memory) / added
    figures = [
        Figure("memory of a stream", each / 1024, "KB", KB_PER_STREAM, is_at_most=True),
        Figure("memory of the process", after.memory / 2**20, "MB"),
        Figure("share of a core", share * 100, "%", CPU_PERCENT, is_at_most=True),
        Figure("threads more", after.threads - before.threads, "", 0, is_at_most=True),
        Figure("database connections more", after.connections - before.connections, "", 0, is_at_most=True),
        Figure("descriptors of a stream", (after.descriptors - before.descriptors) / added),
        Figure("heartbeats checked", received.heartbeats),
        Figure("opened a second", streams / opened_in, "/s"),
    ]
    notes = [f"Before: {before}. After: {after}. Watched for {seconds:.0f} s."]
    run.add(Finding(f"{streams:,} idle streams, {side.name}", figures, notes))
    return Series(side.name, growth)
