"""`post`: durable posts of 16 clients into one hot room and into 20 rooms, and pgbench's on the same work."""

import time
from contextlib import ExitStack
from dataclasses import dataclass, field

from benchmarks.speed.fanout import named
from benchmarks.speed.generator import Generator, Load, load_of, reset_load
from benchmarks.speed.histogram import Histogram
from benchmarks.speed.pgbench import transactions_per_second
from benchmarks.speed.report import Chart, Figure, Finding, Series
from benchmarks.speed.run import Run, Usage, shown_shares
from benchmarks.speed.service import GENERAL, Seed, Service
from benchmarks.speed.writers import CLIENTS, Posted, keep_posting, open_writers

ROOMS = 20
PEOPLE = 50
# Services and pgbench take turns, so that a disk or a machine that slows down slows all of them.
TURNS = 2
# Numbers of workers are compared with each other in more and shorter ones: the machine changes within seconds.
TURNS_OF_SEVERAL = 6
# Of the hot room alone: in many rooms nothing of pgbench's waits for anything but the disk.
RATIO = 0.4
P99_SECONDS = 0.1


@dataclass(frozen=True)
class Side:
    """A service, who writes to it, and its rooms."""

    name: str
    service: Service
    writers: Generator
    rooms: list[int]


@dataclass
class Outcome:
    """What became of the turns of one side so far."""

    count: int = 0
    seconds: float = 0.0
    latencies: Histogram = field(default_factory=Histogram)
    limits: list[float] = field(default_factory=list)
    # Of the last turn.
    load: Load | None = None
    shares: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Posts a second."""
        return self.count / self.seconds

    @property
    def limit(self) -> float:
        """pgbench's transactions a second."""
        return sum(self.limits) / len(self.limits)


def measure(run: Run) -> None:
    posts, limits = Series("ChatServer", []), Series("pgbench", [])
    labels: list[str] = []
    growth: list[Figure] = []
    with ExitStack() as stack:
        sides = [open_side(run, stack, workers) for workers in run.options.workers or (2,)]
        for name in ("one hot room", f"{ROOMS} rooms"):
            outcomes = measure_rooms(run, sides, name, is_hot=name == "one hot room")
            for side, outcome in zip(sides, outcomes, strict=True):
                label = f"{name}, {side.name}"
                posts.points.append((len(labels), outcome.rate))
                limits.points.append((len(labels), outcome.limit))
                labels.append(label)
                if side is not sides[0]:
                    growth.append(Figure(label, outcome.rate / outcomes[0].rate, "times", run.options.target(1.0)))
    if growth:
        run.find(Finding(f"Posting, against {sides[0].name}", growth))
    chart = Chart(f"Durable posts of {CLIENTS} clients", "", "posts a second", [posts, limits], labels)
    run.report.charts.append(chart)


def open_side(run: Run, stack: ExitStack, workers: int) -> Side:
    run.step(f"starting, {named(workers)}")
    service = stack.enter_context(run.service(Seed(users=PEOPLE, rooms=ROOMS), workers=workers))
    writers = stack.enter_context(Generator())
    writers.call(open_writers, service.port, service.tokens[:CLIENTS])
    writers.call(keep_posting, 1.0, [GENERAL])  # what is slow only the first time
    rooms = [row[0] for row in service.sql("SELECT id FROM rooms_room WHERE id > 0 ORDER BY id")]
    return Side(named(workers), service, writers, rooms)


def measure_rooms(run: Run, sides: list[Side], name: str, *, is_hot: bool) -> list[Outcome]:
    """Each side's posts and those of pgbench, in turns."""
    turns = TURNS if len(sides) == 1 else TURNS_OF_SEVERAL
    seconds = run.options.pick(12, 3) / turns
    outcomes = [Outcome() for _ in sides]
    for _ in range(turns):
        for side, outcome in zip(sides, outcomes, strict=True):
            take_turn(run, side, outcome, [GENERAL] if is_hot else side.rooms, seconds, f"{name}, {side.name}")
    for side, outcome in zip(sides, outcomes, strict=True):
        check_seqs(run, side.service)
        run.find(finding_of(run, outcome, f"{name}, {side.name}", is_hot=is_hot))
    return outcomes


def take_turn(run: Run, side: Side, outcome: Outcome, rooms: list[int], seconds: float, label: str) -> None:
    run.step(label)
    usage = Usage(side.service)
    side.writers.call(reset_load)
    began = time.monotonic()
    posted: Posted = side.writers.call(keep_posting, seconds, rooms)
    outcome.seconds += time.monotonic() - began
    outcome.load, outcome.shares = side.writers.call(load_of), usage.shares()
    outcome.count += posted.count
    outcome.latencies.merge(posted.latencies)
    run.step(f"{label}, pgbench")
    user_id = side.service.accounts[0].user_id
    outcome.limits.append(transactions_per_second(side.service, rooms, user_id, seconds))


def finding_of(run: Run, outcome: Outcome, label: str, *, is_hot: bool) -> Finding:
    assert outcome.load is not None
    p50, p99 = (outcome.latencies.percentile(share) * 1000 for share in (0.5, 0.99))
    figures = [
        Figure("posts", outcome.rate, "/s"),
        Figure("pgbench", outcome.limit, "/s"),
        Figure("ratio", outcome.rate / outcome.limit, "", run.options.target(RATIO) if is_hot else None),
        Figure("p50", p50, "ms"),
        Figure("p99", p99, "ms", run.options.target(P99_SECONDS * 1000), is_at_most=True),
        Figure("generator's share of a core", outcome.load.cpu_share * 100, "%"),
    ]
    notes = [f"Processor time: {shown_shares(outcome.shares)}."]
    return Finding(f"Posting, {CLIENTS} clients, {label}", figures, notes)


def check_seqs(run: Run, service: Service) -> None:
    """What was answered with 201 is in the room, numbered without a gap."""
    wrong = service.sql(
        "SELECT r.id FROM rooms_room r LEFT JOIN chats_message m ON m.room_id = r.id GROUP BY r.id, r.last_seq "
        "HAVING count(m.id) <> r.last_seq OR coalesce(max(m.seq), 0) <> r.last_seq"
    )
    run.fail([f"room {room}: its messages are not numbered from 1 without a gap" for (room,) in wrong])
