"""The thread that numbers the log outlives what nobody foresaw."""

import threading

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
    monkeypatch.setattr(sequencer, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(sequencer, "ERROR_SECONDS", 0.01)
    thread = Sequencer(lambda rows: None)
    thread.start()
    try:
        assert polled_again.wait(LIMIT)
    finally:
        thread.stop()
    assert not thread.is_alive()
