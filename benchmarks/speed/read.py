"""`read`: pages of history and the list of rooms, out of a small and a large database, quiet and written to."""

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from benchmarks.speed.fanout import named
from benchmarks.speed.generator import Generator, Worker, load_of, reset_load
from benchmarks.speed.histogram import Histogram
from benchmarks.speed.report import Chart, Figure, Finding, Series
from benchmarks.speed.run import Run
from benchmarks.speed.service import GENERAL, Seed, Service
from benchmarks.speed.writers import CLIENTS, Posted, open_writers, post_at

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
# Short ones: what else a machine has to do lasts for seconds, and should befall small and large alike.
TURNS = 5


@dataclass(frozen=True)
class Task:
    """What is read: one of these paths after the other; each answer must have so many of `mark` in it."""

    name: str
    paths: list[str]
    mark: bytes
    target: float


def measure(run: Run) -> None:
    sizes = SHORT_SIZES if run.options.is_short else SIZES
    series: dict[str, Series] = {}
    labels: list[str] = []
    for workers in run.options.workers or (2,):
        with ExitStack() as stack:
            databases = [stack.enter_context(filled(run, size, workers)) for size in sizes]
            for index, task in enumerate(databases[0].tasks):
                for is_written in (False, True):
                    name = f"{task.name}{', written to' if is_written else ''}"
                    found = compare(run, databases, index, is_written, name)
                    points = series.setdefault(name, Series(name, [])).points
                    points += [(len(labels) + place, done.rate) for place, done in enumerate(found)]
        labels += [f"{size:,} messages, {named(workers)}" for size in sizes]
    finding = Finding("Reading, small database against large", [])
    for name, line in series.items():
        for place in range(0, len(line.points), len(sizes)):
            ratio = line.points[place][1] / line.points[place + len(sizes) - 1][1]
            finding.figures.append(Figure(name, ratio, "times", SIZE_RATIO, is_at_most=True))
    run.find(finding)
    run.report.charts.append(
        Chart(f"Reading, {CLIENTS} clients", "", "requests a second", list(series.values()), labels)
    )


@dataclass(frozen=True)
class Database:
    """A service with so many messages, and clients that read and write there."""

    name: str
    service: Service
    readers: Generator
    writers: Generator
    tasks: list[Task]


@contextmanager
def filled(run: Run, size: int, workers: int) -> Iterator[Database]:
    run.step(f"filling, {size:,} messages")
    # The rooms of the list get a page each; then all messages go into General, which is what is paged through.
    seeds = (Seed(users=PEOPLE, rooms=ROOMS, messages=PAGE * (ROOMS + 1)), Seed(users=1, messages=size))
    with run.service(*seeds, workers=workers) as service, run.generators(2) as (readers, writers):
        tokens = service.tokens[:CLIENTS]
        readers.call(open_writers, service.port, tokens)
        writers.call(open_writers, service.port, tokens[:1])
        yield Database(f"{size:,} messages, {named(workers)}", service, readers, writers, tasks_of(service))


def compare(run: Run, databases: list[Database], index: int, is_written: bool, name: str) -> list["Done"]:
    """Read the same in each database, in turns, so that a machine that slows down slows all of them."""
    found = [Done() for _ in databases]
    for database in databases:
        if not is_written:
            database.readers.call(keep_reading, seconds_to_warm(run), database.tasks[index])
    for _ in range(TURNS):
        for database, done in zip(databases, found, strict=True):
            run.step(f"{name}, {database.name}")
            done.merge(read(run, database, database.tasks[index], is_written))
    for database, done in zip(databases, found, strict=True):
        run.find(
            Finding(
                f"Reading, {name}, {database.name}",
                [
                    Figure("requests", done.rate, "/s", database.tasks[index].target),
                    Figure("p50", done.latencies.percentile(0.5) * 1000, "ms"),
                    Figure("p99", done.latencies.percentile(0.99) * 1000, "ms"),
                    Figure("generator's share of a core", done.share * 100, "%"),
                ],
            )
        )
    return found


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


def read(run: Run, database: Database, task: Task, is_written: bool) -> "Done":
    """One turn; with `is_written` while somebody posts into General."""
    seconds = run.options.pick(6, 1) / TURNS
    if is_written:
        database.writers.begin(post_at, WRITES_PER_SECOND, seconds, GENERAL)
    database.readers.call(reset_load)
    done: Done = database.readers.call(keep_reading, seconds, task)
    done.share = database.readers.call(load_of).cpu_share
    if is_written:
        posted: Posted = database.writers.finish()
        assert posted.count
    return done


@dataclass
class Done:
    """What readers got."""

    count: int = 0
    seconds: float = 0.0
    latencies: Histogram = field(default_factory=Histogram)
    # Of a core, by the readers.
    share: float = 0.0

    def merge(self, other: "Done") -> None:
        self.count += other.count
        self.seconds += other.seconds
        self.latencies.merge(other.latencies)
        self.share = max(self.share, other.share)

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
