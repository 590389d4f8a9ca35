"""`read`: history, the list of rooms, starts and counts, out of a small and a large database, quiet and written to."""

import random
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.processes.server import GENERAL
from benchmarks.processes.service import Seed, Service
from benchmarks.speed.generator import Worker
from benchmarks.speed.report import Figure, Finding
from benchmarks.speed.run import Run, Side
from benchmarks.speed.tally import Tally
from benchmarks.speed.writers import CLIENTS, keep_asking, open_writers, post_at

SIZES = (1_000, 1_000_000)
SHORT_SIZES = (1_000, 20_000)
USERS = 50
# With General that is a list of 50 rooms; each has a page of messages.
ROOMS = 49
PAGE = 50
WRITES_PER_SECOND = 10.0
PATHS_EACH = 200
HISTORY_RATE = 1_000.0
ROOMS_RATE = 600.0
SYNC_RATE = 300.0
UNREAD_RATE = 1_000.0
SIZE_RATIO = 1.3
# Short ones: what else a machine has to do lasts for seconds, and should befall all of them alike.
TURNS = 5


@dataclass(frozen=True)
class Task:
    """What is read: one of these paths after the other; each answer must have `marks` of `mark` in it."""

    name: str
    paths: list[str]
    mark: bytes
    target: float
    marks: int = PAGE


@dataclass(frozen=True)
class Database:
    """A side with so many messages, and what is read there."""

    name: str
    side: Side
    tasks: list[Task]

    def take_turn(self, number: int, seconds: float, *, is_written: bool) -> Tally:
        """Read the task of this number; with `is_written` while somebody posts into General."""
        if is_written:
            self.side.writers.begin(post_at, WRITES_PER_SECOND, seconds, GENERAL)
        pages = self.side.listeners.call(keep_reading, seconds, self.tasks[number])
        if is_written:
            self.side.writers.finish()
        return pages


def measure(run: Run) -> None:
    sizes = SHORT_SIZES if run.options.is_short else SIZES
    growth = Finding("Reading, small database against large", [])
    with ExitStack() as stack:
        databases = []
        for size in sizes:
            # The rooms of the list get a page each; then all messages go into General, which is what is paged through.
            seeds = (Seed(USERS, ROOMS, PAGE * (ROOMS + 1)), Seed(1, messages=size))
            databases += [open_database(side, size) for side in stack.enter_context(run.sides(*seeds, workers=2))]
        # The sizes of a side stand side by side.
        databases.sort(key=lambda database: database.side.name)
        for number, task in enumerate(databases[0].tasks):
            for is_written in (False, True):
                name = f"{task.name}, written to" if is_written else task.name
                found = compare(run, databases, number, is_written, name)
                for small in range(0, len(found), len(sizes)):
                    ratio = found[small].rate / found[small + len(sizes) - 1].rate
                    label = f"{name}, {databases[small].side.name}"
                    growth.figures.append(Figure(label, ratio, "times", SIZE_RATIO, is_at_most=True))
    run.add(growth)


def open_database(side: Side, size: int) -> Database:
    service = side.service
    side.listeners.call(open_writers, service.port, service.tokens[:CLIENTS])
    side.writers.call(open_writers, service.port, service.tokens[:1])
    return Database(f"{size:,} messages, {side.name}", side, tasks_of(service))


def compare(run: Run, databases: list[Database], number: int, is_written: bool, name: str) -> list[Tally]:
    """Read the same in each database, in turns."""
    found = [Tally() for _ in databases]
    if not is_written:
        for database in databases:  # what is slow only the first time
            database.take_turn(number, min(1.0, run.options.pick(1, 0.5)), is_written=False)
    for _ in range(TURNS):
        for database, pages in zip(databases, found, strict=True):
            run.say(f"{name}, {database.name}")
            pages.merge(database.take_turn(number, run.options.pick(6, 1) / TURNS, is_written=is_written))
    for database, pages in zip(databases, found, strict=True):
        figures = [
            Figure("requests", pages.rate, "/s", database.tasks[number].target),
            Figure("p50", pages.latencies.percentile_ms(0.5), "ms"),
            Figure("p99", pages.latencies.percentile_ms(0.99), "ms"),
        ]
        run.add(Finding(f"Reading, {name}, {database.name}", figures))
    return found


def tasks_of(service: Service) -> list[Task]:
    """Newest pages, pages from anywhere in the history, the list of rooms, what a client starts with, and counts."""
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
        Task("start of a client", [f"/api/v1/sync/?limit={ROOMS + 1}"], b'"members_count":', SYNC_RATE),
        Task("what is unread", ["/api/v1/unread/"], b'"total":', UNREAD_RATE, marks=1),
    ]


async def keep_reading(worker: Worker, seconds: float, task: Task) -> Tally:
    """Each client reads on as soon as it is answered, and looks whether the answer is whole."""

    async def read(client: int, turn: int) -> None:
        answer = await worker.connections[client].get(task.paths[turn % len(task.paths)])
        if answer.status != 200 or answer.body.count(task.mark) != task.marks:
            raise RuntimeError(f"{task.name} was answered with {answer.status}: {answer.body[:200]!r}")

    return await keep_asking(worker, seconds, read)
