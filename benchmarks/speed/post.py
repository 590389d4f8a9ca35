"""`post`: durable posts of 16 clients into one hot room and into 20 rooms, and pgbench's on the same work."""

from dataclasses import dataclass, field

from benchmarks.processes.server import GENERAL
from benchmarks.processes.service import Seed, Service
from benchmarks.speed.pgbench import captured_statements, transactions_per_second
from benchmarks.speed.report import Figure, Finding
from benchmarks.speed.run import Run, Side
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
P99_MS = 100.0


@dataclass
class Measured:
    """What one side did in its turns so far; the usage is that of the last one."""

    side: Side
    rooms: list[int]
    statements: list[str]
    posted: Tally = field(default_factory=Tally)
    # pgbench's transactions a second.
    limits: list[float] = field(default_factory=list)
    usage: str = ""

    def take_turn(self, run: Run, seconds: float) -> None:
        run.say(f"{self.side.name}, {len(self.rooms)} rooms")
        usage = self.side.usage()
        self.posted.merge(self.side.writers.call(keep_posting, seconds, self.rooms))
        self.usage = usage.note()
        self.limits.append(transactions_per_second(self.side.service.postgres, self.statements, CLIENTS, seconds))

    def finding(self, title: str, *, is_hot: bool) -> Finding:
        rate, limit, latencies = self.posted.rate, sum(self.limits) / len(self.limits), self.posted.latencies
        figures = [
            Figure("posts", rate, "/s"),
            Figure("pgbench", limit, "/s"),
            Figure("ratio", rate / limit, "", RATIO if is_hot else None),
            Figure("p50", latencies.percentile_ms(0.5), "ms"),
            Figure("p99", latencies.percentile_ms(0.99), "ms", P99_MS, is_at_most=True),
        ]
        return Finding(title, figures, [self.usage])


def measure(run: Run) -> None:
    growth: list[Figure] = []
    with run.sides(Seed(users=USERS, rooms=ROOMS), workers=2) as sides:
        for side in sides:
            side.writers.call(open_writers, side.service.port, side.service.tokens[:CLIENTS])
            side.writers.call(keep_posting, WARM_SECONDS, [GENERAL])
        for name, is_hot in (("one hot room", True), (f"{ROOMS} rooms", False)):
            first, *others = measured = measure_rooms(run, sides, is_hot=is_hot)
            for one in measured:
                run.add(one.finding(f"Posting, {CLIENTS} clients, {name}, {one.side.name}", is_hot=is_hot))
            growth += [
                Figure(f"{name}, {one.side.name}", one.posted.rate / first.posted.rate, "times", 1.0) for one in others
            ]
        for side in sides:
            check_seqs(run, side.service)
    if growth:
        run.add(Finding(f"Posting, against {sides[0].name}", growth))


def measure_rooms(run: Run, sides: list[Side], *, is_hot: bool) -> list[Measured]:
    """Each side's posts and those of pgbench, in turns."""
    turns = TURNS if len(sides) == 1 else TURNS_OF_SEVERAL
    measured = []
    for side in sides:
        rooms = [GENERAL] if is_hot else rooms_of(side.service)
        measured.append(Measured(side, rooms, captured_statements(side.service, rooms)))
    for _ in range(turns):
        for one in measured:
            one.take_turn(run, run.options.pick(12, 3) / turns)
    return measured


def rooms_of(service: Service) -> list[int]:
    return [room for (room,) in service.sql("SELECT id FROM rooms_room WHERE id > 0 ORDER BY id")]


def check_seqs(run: Run, service: Service) -> None:
    """What was answered with 201, and what pgbench did, is in the room, numbered without a gap."""
    wrong = service.sql(
        "SELECT r.id FROM rooms_room r LEFT JOIN chats_message m ON m.room_id = r.id GROUP BY r.id, r.last_seq "
        "HAVING count(m.id) <> r.last_seq OR coalesce(max(m.seq), 0) <> r.last_seq"
    )
    run.fail(*(f"room {room}: its messages are not numbered from 1 without a gap" for (room,) in wrong))
