"""`post`: durable posts of 16 clients into one hot room and into 20 rooms, and pgbench's on the same work."""

from dataclasses import dataclass, field

from benchmarks.processes.server import GENERAL
from benchmarks.processes.service import Seed, Service
from benchmarks.speed.generator import load_of, reset_load
from benchmarks.speed.pgbench import captured_statements, transactions_per_second
from benchmarks.speed.report import Chart, Figure, Finding, Series
from benchmarks.speed.run import Run, Side, Usage, format_shares
from benchmarks.speed.tally import Tally
from benchmarks.speed.writers import CLIENTS, keep_posting, open_writers

ROOMS = 20
USERS = 50
# Sides and pgbench take turns; several sides in more and shorter ones, for the machine changes within seconds.
TURNS = 2
TURNS_OF_SEVERAL = 6
WARM_SECONDS = 1.0
# Of the hot room alone: in many rooms nothing of pgbench's waits for anything but the disk.
RATIO = 0.5
P99_SECONDS = 0.1


@dataclass
class Measured:
    """What one side did in its turns so far; the shares are those of the last one."""

    side: Side
    posted: Tally = field(default_factory=Tally)
    # pgbench's transactions a second.
    limits: list[float] = field(default_factory=list)
    shares: dict[str, float] = field(default_factory=dict)

    @property
    def limit(self) -> float:
        return sum(self.limits) / len(self.limits)

    def take_turn(self, run: Run, rooms: list[int], statements: list[str], seconds: float) -> None:
        run.step(f"{self.side.name}, {len(rooms)} rooms")
        usage = Usage(self.side.service)
        self.side.writers.call(reset_load)
        posted = self.side.writers.call(keep_posting, seconds, rooms)
        posted.generator_share = self.side.writers.call(load_of).cpu_share
        self.posted.merge(posted)
        self.shares = usage.shares()
        run.step(f"{self.side.name}, {len(rooms)} rooms, pgbench")
        self.limits.append(transactions_per_second(self.side.service.postgres, statements, CLIENTS, seconds))

    def finding(self, label: str, *, is_hot: bool) -> Finding:
        p50, p99 = (self.posted.latencies.percentile(share) * 1000 for share in (0.5, 0.99))
        figures = [
            Figure("posts", self.posted.rate, "/s"),
            Figure("pgbench", self.limit, "/s"),
            Figure("ratio", self.posted.rate / self.limit, "", RATIO if is_hot else None),
            Figure("p50", p50, "ms"),
            Figure("p99", p99, "ms", P99_SECONDS * 1000, is_at_most=True),
            Figure("generator's share of a core", self.posted.generator_share * 100, "%"),
        ]
        notes = [f"Processor time: {format_shares(self.shares)}."]
        return Finding(f"Posting, {CLIENTS} clients, {label}", figures, notes)


def measure(run: Run) -> None:
    posts, limits = Series("ChatServer", []), Series("pgbench", [])
    labels: list[str] = []
    growth: list[Figure] = []
    with run.sides(Seed(users=USERS, rooms=ROOMS), workers=2) as sides:
        for side in sides:
            side.writers.call(open_writers, side.service.port, side.service.tokens[:CLIENTS])
            side.writers.call(keep_posting, WARM_SECONDS, [GENERAL])
        for name, is_hot in (("one hot room", True), (f"{ROOMS} rooms", False)):
            measured = measure_rooms(run, sides, is_hot=is_hot)
            for one in measured:
                label = f"{name}, {one.side.name}"
                run.add(one.finding(label, is_hot=is_hot))
                posts.points.append((len(labels), one.posted.rate))
                limits.points.append((len(labels), one.limit))
                labels.append(label)
                if one is not measured[0]:
                    growth.append(Figure(label, one.posted.rate / measured[0].posted.rate, "times", 1.0))
        for side in sides:
            check_seqs(run, side.service)
    if growth:
        run.add(Finding(f"Posting, against {sides[0].name}", growth))
    chart = Chart(f"Durable posts of {CLIENTS} clients", "", "posts a second", [posts, limits], labels)
    run.report.charts.append(chart)


def measure_rooms(run: Run, sides: list[Side], *, is_hot: bool) -> list[Measured]:
    """Each side's posts and those of pgbench, in turns."""
    turns = TURNS if len(sides) == 1 else TURNS_OF_SEVERAL
    seconds = run.options.pick(12, 3) / turns
    measured = [Measured(side) for side in sides]
    rooms = [[GENERAL] if is_hot else rooms_of(side.service) for side in sides]
    statements = [captured_statements(side.service, ids) for side, ids in zip(sides, rooms, strict=True)]
    for _ in range(turns):
        for number, one in enumerate(measured):
            one.take_turn(run, rooms[number], statements[number], seconds)
    return measured


def rooms_of(service: Service) -> list[int]:
    return [room for (room,) in service.sql("SELECT id FROM rooms_room WHERE id > 0 ORDER BY id")]


def check_seqs(run: Run, service: Service) -> None:
    """What was answered with 201, and what pgbench did, is in the room, numbered without a gap."""
    wrong = service.sql(
        "SELECT r.id FROM rooms_room r LEFT JOIN chats_message m ON m.room_id = r.id GROUP BY r.id, r.last_seq "
        "HAVING count(m.id) <> r.last_seq OR coalesce(max(m.seq), 0) <> r.last_seq"
    )
    run.fail([f"room {room}: its messages are not numbered from 1 without a gap" for (room,) in wrong])
