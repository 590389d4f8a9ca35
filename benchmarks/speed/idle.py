"""`idle`: what streams cost that hear nothing but heartbeats."""

import time

import psutil

from benchmarks.speed.generator import Generator
from benchmarks.speed.report import Chart, Figure, Finding, Series
from benchmarks.speed.run import Run
from benchmarks.speed.service import GENERAL, Seed, Service
from benchmarks.speed.stream_group import Audience
from benchmarks.speed.streams import Plan

STREAMS = 10_000
SHORT_STREAMS = 2_000
ARITHMETIC_STREAMS = 50_000
HEARTBEAT_SECONDS = 15
STEPS = 5
# A thread connects to the database with its first piece of work. By chance one may still have had none behind these.
WARM_TURNS = 5
WARM_STREAMS = 500
# Until the process has tidied up behind so many openings.
REST_SECONDS = 2.0
KB_PER_STREAM = 30.0
CPU_PERCENT = 3.0


def measure(run: Run) -> None:
    streams = run.options.streams or (SHORT_STREAMS if run.options.is_short else STREAMS)
    seconds = run.options.pick(32, HEARTBEAT_SECONDS + 1)
    run.step(f"starting, {streams:,} people")
    with run.service(Seed(users=streams), workers=1) as service, Generator() as generator:
        (worker,) = service.worker_processes()
        # What all streams share is there when the first ones have come: threads, connections, imports.
        for _ in range(WARM_TURNS):
            first = Audience([generator], Plan(service.port, service.tokens[:WARM_STREAMS]))
            first.open()
            first.close()
        first = Audience([generator], Plan(service.port, service.tokens[:1], rooms=frozenset({GENERAL})))
        first.open()
        before = Look(service, worker)
        growth = [(1.0, before.memory / 2**20)]
        began = time.monotonic()
        for step in range(STEPS):
            run.step(f"opening, {(step + 1) * streams // STEPS:,} streams")
            tokens = service.tokens[:streams][1 + step * streams // STEPS : 1 + (step + 1) * streams // STEPS]
            Audience([generator], Plan(service.port, tokens, rooms=frozenset({GENERAL}))).open()
            growth.append(((step + 1) * streams / STEPS, worker.memory_info().rss / 2**20))
        opened_in = time.monotonic() - began
        run.step("at rest")
        time.sleep(REST_SECONDS)
        first.begin()
        cpu, wall = sum(worker.cpu_times()[:2]), time.monotonic()
        time.sleep(seconds)
        share = (sum(worker.cpu_times()[:2]) - cpu) / (time.monotonic() - wall)
        after = Look(service, worker)
        heard = first.hear(0, 1)
        if after.streams != streams:
            run.fail([f"the service counts {after.streams:.0f} streams, not {streams}"])
        if heard.seen.closed:
            run.fail([f"{heard.seen.closed} streams were closed"])
        due = int(seconds // HEARTBEAT_SECONDS) * streams
        if heard.seen.heartbeats < due:
            run.fail([f"{heard.seen.heartbeats} heartbeats, where {due} were due"])
    added = max(1, streams - 1)
    each = (after.memory - before.memory) / added
    run.find(
        Finding(
            f"{streams:,} idle streams in one process",
            [
                Figure("memory of a stream", each / 1024, "KB", KB_PER_STREAM, is_at_most=True),
                Figure("memory of the process", after.memory / 2**20, "MB"),
                Figure("share of a core", share * 100, "%", CPU_PERCENT, is_at_most=True),
                Figure("threads more", after.threads - before.threads, "", 0, is_at_most=True),
                Figure("database connections more", after.connections - before.connections, "", 0, is_at_most=True),
                Figure("descriptors of a stream", (after.descriptors - before.descriptors) / added),
                Figure("heartbeats checked", heard.seen.heartbeats),
                Figure("opened a second", streams / opened_in, "/s"),
                Figure(f"memory for {ARITHMETIC_STREAMS:,}", (before.memory + each * ARITHMETIC_STREAMS) / 2**20, "MB"),
                Figure(f"share of a core for {ARITHMETIC_STREAMS:,}", share * 100 * ARITHMETIC_STREAMS / streams, "%"),
            ],
            [
                f"Before: {before}. After: {after}. Watched for {seconds:.0f} s.",
                f"{ARITHMETIC_STREAMS:,} streams are arithmetic, not measured: one process would also need "
                f"CHAT_MAX_STREAMS={ARITHMETIC_STREAMS} and `ulimit -n` above it.",
            ],
        )
    )
    run.report.charts.append(Chart("Memory of one process", "open streams", "MB", [Series("resident memory", growth)]))


class Look:
    """What a server process holds at a moment. Memory is resident, in bytes."""

    def __init__(self, service: Service, worker: psutil.Process) -> None:
        self.memory = worker.memory_info().rss
        self.threads = worker.num_threads()
        self.descriptors = worker.num_fds()
        self.connections = service.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = 'chatserver' AND pid <> pg_backend_pid()"
        )[0][0]
        self.streams = service.metric("chat_streams")

    def __str__(self) -> str:
        return (
            f"{self.memory / 2**20:.0f} MB, {self.threads} threads, {self.connections} database connections, "
            f"{self.descriptors} descriptors"
        )
