"""The search finds the highest rate that holds."""

import pytest

from benchmarks.speed.report import Report
from benchmarks.speed.run import Options, Run
from benchmarks.speed.search import Step, System, climb, find_highest
from benchmarks.speed.streams import Received
from benchmarks.speed.tally import Tally


def search(limit: float, refinements: int) -> list[float]:
    """The rates that held, where all up to this limit hold."""
    rates = climb(50.0, growth=1.35, refinements=refinements)
    held = []
    rate = next(rates)
    try:
        while True:
            if rate <= limit:
                held.append(rate)
            rate = rates.send(rate <= limit)
    except StopIteration:
        return held


@pytest.mark.parametrize("limit", [60.0, 100.0, 333.0])
def test_it_closes_in_on_the_limit_from_below(limit: float) -> None:
    assert limit * 0.97 < max(search(limit, refinements=6)) <= limit


def test_where_the_first_rate_is_too_much_it_looks_below() -> None:
    assert max(search(10.0, refinements=6)) == pytest.approx(10.0, rel=0.2)


def test_where_nothing_holds_it_says_so() -> None:
    assert search(0.0, refinements=3) == []


class LimitedSystem(System):
    """Keeps all rates up to this one. `tried` is shared, and tells which was tried when."""

    def __init__(self, name: str, limit: float, tried: list[str]) -> None:
        self.is_peer = False
        self._name = name
        self._limit = limit
        self._tried = tried

    def try_rate(self, rate: float, seconds: float) -> Step:
        self._tried.append(self._name)
        posted, received = Tally(seconds), Received(events=round(rate * seconds) if rate <= self._limit else 0)
        posted.latencies.counts[1] = round(rate * seconds)
        return Step(rate, 1, posted, received, seconds)

    def close(self) -> None:
        pass


def test_systems_take_turns_and_each_finds_its_own_limit() -> None:
    tried: list[str] = []
    systems = {name: LimitedSystem(name, limit, tried) for name, limit in [("a", 100.0), ("b", 300.0)]}
    run = Run(Options(is_short=True), Report("fanout", {}, {}, ""))
    held = find_highest(run, systems, first=50.0, seconds=1.0)
    assert tried[:8] == ["a", "b"] * 4
    assert [step.rate for step in held["a"]] == [50.0, 80.0]
    assert [step.rate for step in held["b"]] == pytest.approx([50.0, 80.0, 128.0, 204.8, 266.24], abs=0.01)
