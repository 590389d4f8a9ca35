"""`post`: durable posts of 16 clients into one hot room and into 20 rooms, and pgbench's on the same work."""

import time

from benchmarks.fanout import GENERAL, named
from benchmarks.generator import Generator, load_of, reset_load
from benchmarks.histogram import Histogram
from benchmarks.pgbench import transactions_per_second
from benchmarks.report import Chart, Figure, Finding, Series
from benchmarks.run import Run, Usage, shown_shares
from benchmarks.service import Seed, Service
from benchmarks.writers import CLIENTS, Posted, keep_posting, open_writers

ROOMS = 20
PEOPLE = 50
# Service and pgbench take turns, so that a disk that slows down slows both.
TURNS = 2
# Of the hot room alone: in many rooms nothing of pgbench's waits for anything but the disk.
RATIO = 0.4
P99_SECONDS = 0.1


def measure(run: Run) -> None:
    posts, limits = Series("ChatServer", []), Series("pgbench", [])
    labels: list[str] = []
    first: dict[str, float] = {}
    growth: list[Figure] = []
    for workers in run.options.workers or (2,):
        run.step(f"starting, {named(workers)}")
        with run.service(Seed(users=PEOPLE, rooms=ROOMS), workers=workers) as service, Generator() as writers:
            writers.call(open_writers, service.port, service.tokens[:CLIENTS])
            writers.call(keep_posting, 1.0, [GENERAL])  # what is slow only the first time
            rooms = [row[0] for row in service.sql("SELECT id FROM rooms_room WHERE id > 0 ORDER BY id")]
            for name, targets in (("one hot room", [GENERAL]), (f"{ROOMS} rooms", rooms)):
                label = f"{name}, {named(workers)}"
                rate, limit = measure_rooms(run, service, writers, targets, label)
                posts.points.append((len(labels), rate))
                limits.points.append((len(labels), limit))
                labels.append(label)
                if name in first:
                    growth.append(Figure(label, rate / first[name], "times", 1.0))
                first.setdefault(name, rate)
    if growth:
        run.find(Finding(f"Posting, against {named(run.options.workers[0])}", growth))
    chart = Chart(f"Durable posts of {CLIENTS} clients", "", "posts a second", [posts, limits], labels)
    run.report.charts.append(chart)


def measure_rooms(run: Run, service: Service, writers: Generator, rooms: list[int], name: str) -> tuple[float, float]:
    """Posts a second, and pgbench's transactions a second."""
    seconds = run.options.pick(12, 3) / TURNS
    count, limit, latencies, spent = 0, 0.0, Histogram(), 0.0
    for _ in range(TURNS):
        run.step(name)
        usage = Usage(service)
        writers.call(reset_load)
        began = time.monotonic()
        posted: Posted = writers.call(keep_posting, seconds, rooms)
        spent += time.monotonic() - began
        load, shares = writers.call(load_of), usage.shares()
        count += posted.count
        latencies.merge(posted.latencies)
        run.step(f"{name}, pgbench")
        limit += transactions_per_second(service, rooms, service.accounts[0].user_id, seconds) / TURNS
    rate = count / spent
    check_seqs(run, service)
    run.find(
        Finding(
            f"Posting, {CLIENTS} clients, {name}",
            [
                Figure("posts", rate, "/s"),
                Figure("pgbench", limit, "/s"),
                Figure("ratio", rate / limit, "", run.options.target(RATIO) if len(rooms) == 1 else None),
                Figure("p50", latencies.percentile(0.5) * 1000, "ms"),
                Figure(
                    "p99",
                    latencies.percentile(0.99) * 1000,
                    "ms",
                    run.options.target(P99_SECONDS * 1000),
                    is_at_most=True,
                ),
                Figure("generator's share of a core", load.cpu_share * 100, "%"),
            ],
            [f"Processor time: {shown_shares(shares)}."],
        )
    )
    return rate, limit


def check_seqs(run: Run, service: Service) -> None:
    """What was answered with 201 is in the room, numbered without a gap."""
    wrong = service.sql(
        "SELECT r.id FROM rooms_room r LEFT JOIN chats_message m ON m.room_id = r.id GROUP BY r.id, r.last_seq "
        "HAVING count(m.id) <> r.last_seq OR coalesce(max(m.seq), 0) <> r.last_seq"
    )
    run.fail([f"room {room}: its messages are not numbered from 1 without a gap" for (room,) in wrong])
