"""Each command, in small, on a real service. It is seen that they work and check; speed is of no interest here."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from benchmarks.speed import post
from benchmarks.speed.command import ALL, measure
from benchmarks.speed.generator import Generator, Load
from benchmarks.speed.run import Options, Usage
from benchmarks.speed.search import Contender
from benchmarks.speed.service import GENERAL, Seed, Service
from benchmarks.speed.streams import Plan
from benchmarks.speed.writers import open_writers

# They share a service, and they would measure each other.
pytestmark = pytest.mark.xdist_group("benchmarks")
FIGURES = {
    "fanout": {"deliveries", "posts", "p99", "generator's share of a core"},
    "post": {"posts", "pgbench", "ratio", "p99"},
    "latency": {"p50", "p99", "events checked"},
    "idle": {"memory of a stream", "share of a core", "threads more", "database connections more"},
    "resume": {"all caught up", "posts' p99", "events checked"},
    "read": {"requests", "p99"},
}
SECONDS = {"post": 2.0, "fanout": 0.2, "read": 0.2}


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[..., Any]]:
    """What commands start services with: here all of them share one, for it takes long to start."""
    with Service(Seed(users=50, rooms=49, messages=2_500), Seed(users=1, messages=200)) as service:

        @contextmanager
        def shared(*seeds: Seed, workers: int = 1) -> Iterator[Service]:
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
    assert report.charts


def test_pressing_posts_as_fast_as_is_answered(start: Callable[..., Any]) -> None:
    with start() as service, Generator() as writers, Generator() as generator:
        writers.call(open_writers, service.port, service.tokens[5:7])
        plan = Plan(service.port, service.tokens[:5], rooms=frozenset({GENERAL}))
        contender = Contender([generator], writers, plan, Usage(service))
        step = contender.press(0.5)
        contender.close()
    assert step.holds
    assert step.heard.seen.events == 5 * step.posted.count
    # Each of two clients, one post after the other: where one would wait for the clock there were two.
    assert step.posted.count > 2


def test_more_workers_are_compared_with_the_first_of_the_run(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The hot room's turns of 1 and of 2 workers, then those of many rooms.
    counts = iter([200, 250, 200, 250, 100, 90, 100, 90])
    turns: list[tuple[str, float]] = []

    def take_turn(
        run: Any, side: post.Side, outcome: post.Outcome, rooms: list[int], seconds: float, label: str
    ) -> None:
        turns.append((label, seconds))
        outcome.count += next(counts)
        outcome.seconds += 1.0
        outcome.limits.append(1_000.0)
        outcome.load = Load(0.1, 0.0)
        outcome.latencies.add(0.01)

    monkeypatch.setattr(post, "take_turn", take_turn)
    monkeypatch.setattr(post, "TURNS_OF_SEVERAL", 2)
    report = measure("post", Options(workers=(1, 2), seconds=4.0), start=start)
    # In turns, so that a slow minute is everybody's.
    assert turns[:4] == [("one hot room, 1 worker", 2.0), ("one hot room, 2 workers", 2.0)] * 2
    growth = report.findings[-1]
    assert growth.title == "Posting, against 1 worker"
    assert [(figure.name, figure.value, figure.target) for figure in growth.figures] == [
        ("one hot room, 2 workers", 1.25, 1.0),
        ("20 rooms, 2 workers", 0.9, 1.0),
    ]
