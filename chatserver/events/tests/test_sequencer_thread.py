"""The thread that numbers the log keeps batches apart, and outlives errors that nobody foresaw."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from chatserver.events import sequencer
from chatserver.events.sequencer import Sequencer

LIMIT = 10


def test_the_thread_goes_on_after_an_error_of_any_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    polls: list[None] = []
    polled_again = threading.Event()

    def has_work() -> bool:
        polls.append(None)
        if len(polls) == 1:
            raise RuntimeError("nobody foresaw this")
        polled_again.set()
        return False

    monkeypatch.setattr(sequencer, "has_work", has_work)
    monkeypatch.setattr(sequencer, "SEQUENCER_POLL_SECONDS", 0.01)
    monkeypatch.setattr(sequencer, "SEQUENCER_RETRY_SECONDS", 0.01)
    thread = Sequencer(lambda rows: None)
    thread.start()
    try:
        assert polled_again.wait(LIMIT)
    finally:
        thread.stop()
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("ages", "slept"),
    [
        # The last batch of any process is older than the pause.
        ([2.0], []),
        ([0.75, 1.0], [0.25]),
        # Another process makes a batch meanwhile, and again: that ends at the limit.
        ([0.0, 0.0, 2.0], [1.0, 1.0]),
        ([0.0] * 9, [1.0] * 5),
    ],
)
def test_batches_are_kept_apart_whichever_process_made_the_last(
    ages: list[float], slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    thread = Sequencer(lambda rows: None)
    thread._pause_seconds = 1.0
    remaining = iter(ages)

    def make_batch_elsewhere() -> None:
        age = next(remaining)
        thread.note_batch()
        thread._last_batch_at -= age

    sleeps: list[float] = []

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        sleeps.append(seconds)
        make_batch_elsewhere()

    clock: Any = SimpleNamespace(monotonic=lambda: now, sleep=sleep)
    with monkeypatch.context() as frozen:
        frozen.setattr(sequencer, "time", clock)
        frozen.setattr(sequencer, "MAX_PAUSES_SECONDS", 5.0)
        make_batch_elsewhere()
        thread._keep_apart()
    assert sleeps == slept
