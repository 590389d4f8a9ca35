"""The thread that numbers the log: when it works, and that it outlives what nobody foresaw."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from chatserver.events import sequencer
from chatserver.events.rota import Rota
from chatserver.events.rows import Row
from chatserver.events.sequencer import Sequencer

LIMIT = 10
ROW = Row(7, 0, "test:1", "test.happened", None, None, 0.0, "{}", None)


class ScriptedRota(Rota):
    """Turns that come in so many seconds, one answer after the other; at once when these are used up."""

    def __init__(self, *seconds: float) -> None:
        super().__init__("mine")
        self.seconds: Iterator[float] = iter(seconds)
        self.batches: list[int] = []

    def note_batch(self, rows: int, origin: str | None = None) -> None:
        self.batches.append(rows)

    def turn_in(self) -> float:
        return next(self.seconds, 0.0)


class Sequence:
    """What sequence() finds: these batches, then nothing. `ran` hears of each call."""

    def __init__(self, *batches: list[Row]) -> None:
        self._batches = iter(batches)
        self.ran: queue.SimpleQueue[None] = queue.SimpleQueue()

    def __call__(self, **_: Any) -> list[Row]:
        self.ran.put(None)
        return next(self._batches, [])


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """For how long the thread slept."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        time.sleep(min(seconds, 0.001))

    clocks = {"monotonic": time.monotonic, "perf_counter": time.perf_counter, "time": time.time}
    monkeypatch.setattr(sequencer, "time", SimpleNamespace(sleep=sleep, **clocks))
    return slept


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Rota, Sequence], Sequencer]]:
    """Start the thread, where nothing waits that it was not rung for."""
    threads: list[Sequencer] = []

    def start(rota: Rota, sequence: Sequence) -> Sequencer:
        monkeypatch.setattr(sequencer, "sequence", sequence)
        monkeypatch.setattr(sequencer, "has_work", lambda: False)
        threads.append(Sequencer(lambda rows: None, rota, log_days=1))
        threads[0].start()
        return threads[0]

    yield start
    threads[0].stop()
    assert not threads[0].is_alive()


def test_it_waits_for_its_turn_which_may_be_put_off(
    start: Callable[[Rota, Sequence], Sequencer], slept: list[float]
) -> None:
    rota, sequence = ScriptedRota(0.03, 0.04), Sequence([ROW])
    start(rota, sequence).ring()
    sequence.ran.get(timeout=LIMIT)
    assert slept[:2] == [0.03, 0.04]


def test_it_waits_no_longer_than_the_limit(
    start: Callable[[Rota, Sequence], Sequencer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencer, "MAX_TURN_SECONDS", 0.01)
    sequence = Sequence([ROW])
    start(ScriptedRota(*[60.0] * 1_000), sequence).ring()
    sequence.ran.get(timeout=LIMIT)


def test_each_batch_is_told_to_the_rota(start: Callable[[Rota, Sequence], Sequencer]) -> None:
    rota, sequence = ScriptedRota(), Sequence([ROW] * sequencer.BATCH, [ROW])
    thread = start(rota, sequence)
    thread.ring()
    for _ in range(2):
        sequence.ran.get(timeout=LIMIT)
    thread.stop()
    assert rota.batches == [sequencer.BATCH, 1]


def test_the_thread_goes_on_after_an_error_of_any_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[None] = []
    looked_again = threading.Event()

    def has_work() -> bool:
        looks.append(None)
        if len(looks) == 1:
            raise RuntimeError("nobody foresaw this")
        looked_again.set()
        return False

    monkeypatch.setattr(sequencer, "has_work", has_work)
    monkeypatch.setattr(sequencer, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(sequencer, "ERROR_SECONDS", 0.01)
    thread = Sequencer(lambda rows: None, Rota("mine"), log_days=1)
    thread.start()
    try:
        assert looked_again.wait(LIMIT)
    finally:
        thread.stop()
    assert not thread.is_alive()
