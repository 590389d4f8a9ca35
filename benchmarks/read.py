"""`read`: pages of history and the list of rooms, out of a small and a large database, quiet and written to."""

import asyncio
import random
import time
from dataclasses import dataclass, field

from benchmarks.fanout import GENERAL, named
from benchmarks.generator import Generator, Worker, load_of, reset_load
from benchmarks.histogram import Histogram
from benchmarks.report import Chart, Figure, Finding, Series
from benchmarks.run import Run, Usage, shown_shares
from benchmarks.service import Seed, Service
from benchmarks.writers import CLIENTS, Posted, open_writers, post_at

SIZES = (1_000, 1_000_000)
SHORT_SIZES = (1_000, 20_000)
PEOPLE = 50
# With General that is a list of 50 rooms; each has a page of messages.
ROOMS = 49
PAGE = 50
WRITES_PER_SECOND = 10.0
PATHS_EACH = 200
HISTORY_RATE = 800.0
ROOMS_RATE = 400.0
SIZE_RATIO = 1.3


@dataclass(frozen=True)
class Task:
    """What is read: one of these paths after the other; each answer must have so many of `mark` in it."""

    name: str
    paths: list[str]
    mark: bytes
    target: float


def measure(run: Run) -> None:
    sizes = SHORT_SIZES if run.options.is_short else SIZES
    rates: dict[str, list[float]] = {}
    for workers in run.options.workers or (2,):
        for size in sizes:
            read_database(run, size, workers, rates)
    shown = [f"{size:,} messages" for _ in run.options.workers or (2,) for size in sizes]
    finding = Finding("Reading, small database against large", [])
    for name, found in rates.items():
        finding.figures.append(Figure(name, found[0] / found[-1], "times", SIZE_RATIO, is_at_most=True))
    run.find(finding)
    series = [Series(name, list(enumerate(found))) for name, found in rates.items()]
    run.report.charts.append(Chart(f"Reading, {CLIENTS} clients", "", "requests a second", series, shown))


def read_database(run: Run, size: int, workers: int, rates: dict[str, list[float]]) -> None:
    run.step(f"filling, {size:,} messages")
    # The rooms of the list get a page each; then all messages go into General, which is what is paged through.
    seeds = (Seed(users=PEOPLE, rooms=ROOMS, messages=PAGE * (ROOMS + 1)), Seed(users=1, messages=size))
    with run.service(*seeds, workers=workers) as service, run.generators(2) as (readers, writers):
        tokens = service.tokens[:CLIENTS]
        readers.call(open_writers, service.port, tokens)
        writers.call(open_writers, service.port, tokens[:1])
        for task in tasks_of(service):
            readers.call(keep_reading, seconds_to_warm(run), task)  # what is slow only the first time
            for is_written in (False, True):
                name = f"{task.name}{', written to' if is_written else ''}"
                rate = read(run, service, readers, writers, task, is_written, f"{size:,} messages, {named(workers)}")
                rates.setdefault(name, []).append(rate)


def seconds_to_warm(run: Run) -> float:
    return min(1.0, run.options.pick(1, 0.5))


def tasks_of(service: Service) -> list[Task]:
    """Newest pages, pages from anywhere in the history, and the list of rooms."""
    (last,) = service.sql("SELECT last_seq FROM rooms_room WHERE id = %s", GENERAL)[0]
    chance = random.Random(1)  # noqa: S311 - the same pages each time
    seqs = [chance.randint(PAGE + 1, last) for _ in range(PATHS_EACH)]
    ids = service.sql("SELECT id FROM chats_message WHERE room_id = %s AND seq = ANY(%s)", GENERAL, seqs)
    history = f"/api/v1/rooms/{GENERAL}/messages/?limit={PAGE}"
    anywhere = [f"{history}&before={message_id}" for (message_id,) in ids]
    return [
        Task("newest page of history", [history], b'"seq":', HISTORY_RATE),
        Task("any page of history", anywhere, b'"seq":', HISTORY_RATE),
        Task("list of rooms", [f"/api/v1/rooms/?limit={ROOMS + 1}"], b'"members_count":', ROOMS_RATE),
    ]


def read(
    run: Run, service: Service, readers: Generator, writers: Generator, task: Task, is_written: bool, where: str
) -> float:
    """Requests a second; with `is_written` while somebody posts into General."""
    name = f"{task.name}{', written to' if is_written else ''}"
    run.step(f"{name}, {where}")
    seconds = run.options.pick(5, 1)
    readers.call(reset_load)
    usage = Usage(service)
    if is_written:
        writers.begin(post_at, WRITES_PER_SECOND, seconds, GENERAL)
    done: Done = readers.call(keep_reading, seconds, task)
    shares, load = usage.shares(), readers.call(load_of)
    if is_written:
        posted: Posted = writers.finish()
        assert posted.count
    run.find(
        Finding(
            f"Reading, {name}, {where}",
            [
                Figure("requests", done.rate, "/s", task.target),
                Figure("p50", done.latencies.percentile(0.5) * 1000, "ms"),
                Figure("p99", done.latencies.percentile(0.99) * 1000, "ms"),
                Figure("generator's share of a core", load.cpu_share * 100, "%"),
            ],
            [f"Processor time: {shown_shares(shares)}."],
        )
    )
    return done.rate


@dataclass
class Done:
    count: int = 0
    seconds: float = 0.0
    latencies: Histogram = field(default_factory=Histogram)

    @property
    def rate(self) -> float:
        return self.count / self.seconds


async def keep_reading(worker: Worker, seconds: float, task: Task) -> Done:
    """Each client reads on as soon as it is answered, and looks whether the answer is whole."""
    done = Done()
    began = time.monotonic()

    async def read_on(turn: int) -> None:
        connection = worker.connections[turn]
        while time.monotonic() < began + seconds:
            asked = time.monotonic()
            turn += len(worker.connections)
            status, answer = await connection.get(task.paths[turn % len(task.paths)])
            if status != 200 or answer.count(task.mark) != PAGE:
                raise RuntimeError(f"{task.name} was answered with {status}: {answer[:200]!r}")
            done.latencies.add(time.monotonic() - asked)
            done.count += 1

    await asyncio.gather(*(read_on(turn) for turn in range(len(worker.connections))))
    done.seconds = time.monotonic() - began
    return done
