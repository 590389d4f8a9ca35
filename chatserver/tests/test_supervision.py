"""Tasks that have to run as long as the process does."""

import asyncio

import pytest

from chatserver.concurrency import supervision
from chatserver.concurrency.supervision import keep_running
from chatserver.tests.harness.loops import run

LIMIT = 10


def test_work_that_breaks_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[None] = []

    async def work() -> None:
        attempts.append(None)
        if len(attempts) < 3:
            raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(supervision, "RESTART_SECONDS", 0)
    run(asyncio.wait_for(keep_running(work), LIMIT))
    assert len(attempts) == 3
