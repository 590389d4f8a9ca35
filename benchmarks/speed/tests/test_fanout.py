"""Numbers of workers are compared by what they deliver in turns."""

import pytest

from benchmarks.speed import fanout
from benchmarks.speed.fanout import FanOut
from benchmarks.speed.report import Report
from benchmarks.speed.run import Options, Run
from benchmarks.speed.search import Step, System
from benchmarks.speed.streams import Received
from benchmarks.speed.tally import Tally


class ScriptedSystem(System):
    """Delivers so many events in each turn of a second."""

    def __init__(self, *events: int, lost: int = 0, closed: int = 0, faults: list[str] | None = None) -> None:
        self.is_peer = False
        self._events = iter(events)
        self._lost = lost
        self._closed = closed
        self._faults = faults or []

    def saturate(self, seconds: float) -> Step:
        events = next(self._events)
        posted = Tally(1.0)
        posted.latencies.counts[1] = events
        received = Received(events=events - self._lost, closed=self._closed, faults=self._faults)
        received.latencies.add(0.1)
        return Step(9.0, 1, posted, received, 1.0)


def compare(systems: dict[str, System], monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.setattr(fanout, "TURNS", 2)
    report = Report("fanout", {}, {}, "")
    FanOut(Run(Options(streams=1), report)).compare(systems)
    return report


def test_growth_is_told_against_the_first_over_all_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    one, four = ScriptedSystem(1_000, 3_000), ScriptedSystem(4_000, 1_000)
    report = compare({"1 worker": one, "4 workers": four}, monkeypatch)
    (finding,) = report.findings
    figures = {figure.name: (figure.value, figure.target) for figure in finding.figures}
    assert figures["1 worker, deliveries"] == (2_000.0, None)
    assert figures["4 workers, deliveries"] == (2_500.0, None)
    assert figures["4 workers / 1 worker"] == (1.25, 1.0)
    assert figures["4 workers, p99"] == (pytest.approx(100.1), 1_000.0)
    assert report.faults == []


CUT_OFF = "1 worker: 4 streams were cut off, since they were too far behind."


@pytest.mark.parametrize(
    ("system", "faults", "notes"),
    [
        pytest.param(ScriptedSystem(9, 9, lost=1), ["not every stream got every event"], [], id="lost"),
        pytest.param(ScriptedSystem(9, 9, lost=1, closed=2), [], [CUT_OFF], id="cut off, which is no fault"),
        pytest.param(ScriptedSystem(9, 9, faults=["gap: 3"]), ["gap: 3"], [], id="what a stream found wrong"),
    ],
)
def test_a_fault_of_each_turn_is_told(
    system: System, faults: list[str], notes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = compare({"1 worker": system}, monkeypatch)
    assert report.faults == [f"1 worker: {fault}" for fault in faults] * 2
    assert report.findings[0].notes == notes


def test_nothing_delivered_is_told_without_a_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    report = compare({"1 worker": ScriptedSystem(0, 0), "2 workers": ScriptedSystem(9, 9)}, monkeypatch)
    assert "2 workers / 1 worker" not in [figure.name for figure in report.findings[0].figures]


@pytest.mark.parametrize(("streams", "target"), [(None, 2.2), (1_000, 2.2), (50, None)])
def test_the_mark_against_nchan_is_for_as_many_streams_as_by_default(streams: int | None, target: float | None) -> None:
    report = Report("fanout", {}, {}, "")
    fan_out = FanOut(Run(Options(streams=streams), report))
    fan_out.ours, fan_out.peers = {"1 worker": 300.0}, {"nchan": 100.0}
    fan_out.conclude()
    (figure,) = report.findings[0].figures
    assert (figure.name, figure.value, figure.target) == ("1 worker / nchan", 3.0, target)
