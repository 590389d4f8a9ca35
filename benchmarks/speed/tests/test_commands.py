"""Each command, in small, on a real service. It is seen that they work and check; speed is of no interest here."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks.processes.postgres import PROJECT
from benchmarks.processes.server import GENERAL
from benchmarks.processes.service import Seed, Service
from benchmarks.speed import post
from benchmarks.speed.command import ALL, measure
from benchmarks.speed.jwt_posts import HOST_SECRET
from benchmarks.speed.pgbench import captured_statements
from benchmarks.speed.run import Options, load_generators
from benchmarks.speed.search import System
from benchmarks.speed.streams import Plan
from benchmarks.speed.writers import open_writers

# They share a service, and they would measure each other.
pytestmark = pytest.mark.xdist_group("benchmarks")
FIGURES = {
    "fanout": {"deliveries", "posts", "p99"},
    "post": {"posts", "pgbench", "ratio", "p99"},
    "jwt": {"by token", "by JWT", "posts by JWT, of those by token"},
    "latency": {"p50", "p99", "events checked"},
    "idle": {"memory of a stream", "share of a core", "threads more", "database connections more"},
    "resume": {"all caught up", "posts' p99", "events checked"},
    "read": {"requests", "p99"},
    "rich": {"posts", "newest page of history", "start of a client"},
    "start": {"first call, p99", "all rooms, p99"},
    "webhooks": {"deliveries", "memory more at most", "deliveries checked"},
    "presence": {"events that streams got", "Redis commands", "cores, server", "cores, valkey"},
    "day": {"read, p99", "write, p99", "come back, p99", "from a post to each stream, p99", "cores, postgres"},
}
SECONDS = {"post": 2.0, "fanout": 0.2, "read": 0.2, "webhooks": 0.1}


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[..., Any]]:
    """What commands start services with: here all of them share one, for it takes long to start."""
    seeds = Seed(users=50, rooms=49, messages=2_500), Seed(users=1, messages=200)
    with Service(*seeds, CHAT_JWT_SECRETS=HOST_SECRET) as service:

        @contextmanager
        def shared(*seeds: Seed, workers: int = 1, project: Path = PROJECT, **settings: str) -> Iterator[Service]:
            yield service

        yield shared


def test_all_runs_every_command_that_needs_no_packages_of_others() -> None:
    assert set(ALL) == set(FIGURES)


@pytest.mark.parametrize("command", FIGURES)
def test_a_command_measures_and_finds_no_fault(command: str, start: Callable[..., Any]) -> None:
    options = Options(streams=5, workers=(1,), seconds=SECONDS.get(command, 0.5), is_short=True)
    report = measure(command, options, start=start)
    assert report.faults == []
    assert {figure.name for finding in report.findings for figure in finding.figures} >= FIGURES[command]
    assert all(math.isfinite(figure.value) for finding in report.findings for figure in finding.figures)


def test_saturating_posts_as_fast_as_is_answered(start: Callable[..., Any]) -> None:
    with start() as service, load_generators() as (writers, listeners):
        writers.call(open_writers, service.port, service.tokens[5:7])
        plan = Plan(service.port, service.tokens[:5], rooms=frozenset({GENERAL}))
        system = System(listeners, writers, plan, service)
        step = system.saturate(0.5)
        system.close()
    assert step.holds
    assert step.received.events == 5 * step.posted.count
    # Each of two clients, one post after the other: where one would wait for the clock there were two.
    assert step.posted.count > 2


def test_pgbench_runs_what_the_service_runs(start: Callable[..., Any]) -> None:
    """Run by hand, the statement that was captured makes another message of the same room, with its event."""
    counts = "SELECT (SELECT count(*) FROM chats_message WHERE room_id = %s), (SELECT count(*) FROM events_event)"
    with start() as service:
        rooms = post.rooms_of(service)[:2]
        for room, statement in zip(rooms, captured_statements(service, rooms), strict=True):
            ((before, _),) = service.sql(counts, room)
            assert len(service.sql(statement.replace("%", "%%"))) == 1
            assert service.sql(counts, room)[0][0] == before + 1
        assert service.sql("SHOW log_statement") == [("none",)]


def test_sides_take_turns_and_are_compared_with_the_first(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The hot room's turns of 1 and of 2 workers, then those of many rooms.
    counts = iter([200, 250, 200, 250, 100, 90, 100, 90])
    turns: list[tuple[str, int, float]] = []

    def take_turn(one: post.Measured, run: Any, seconds: float) -> None:
        turns.append((one.side.name, len(one.rooms), seconds))
        one.posted.latencies.counts[1] += next(counts)
        one.posted.seconds += 1.0
        one.limits.append(1_000.0)

    monkeypatch.setattr(post.Measured, "take_turn", take_turn)
    monkeypatch.setattr(post, "TURNS_OF_SEVERAL", 2)
    monkeypatch.setattr(post, "captured_statements", lambda service, rooms: [])
    report = measure("post", Options(workers=(1, 2), seconds=4.0), start=start)
    # In turns, so that a slow minute befalls all of them.
    assert turns[:4] == [("1 worker", 1, 2.0), ("2 workers", 1, 2.0)] * 2
    growth = report.findings[-1]
    assert growth.title == "Posting, against 1 worker"
    assert [(figure.name, figure.value, figure.target) for figure in growth.figures] == [
        ("one hot room, 2 workers", 1.25, 1.0),
        ("20 rooms, 2 workers", 0.9, 1.0),
    ]


def test_another_checkout_is_measured_beside_this_one(start: Callable[..., Any], tmp_path: Path) -> None:
    started: list[tuple[Path, int]] = []

    @contextmanager
    def note(*seeds: Seed, workers: int, project: Path) -> Iterator[Service]:
        started.append((project, workers))
        with start() as service:
            yield service

    report = measure("latency", Options(streams=2, workers=(1,), trees=(tmp_path,), seconds=0.5), start=note)
    assert started == [(PROJECT, 1), (tmp_path, 1)]
    sides = [finding.title.rpartition(", ")[2] for finding in report.findings]
    assert sides == ["1 worker", f"1 worker of {tmp_path}"]
