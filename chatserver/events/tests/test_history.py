"""Positions of a history that PostgreSQL lost are never given again (I4)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chatserver.events import log
from chatserver.events.log import HistoryLost
from chatserver.events.models import Event, Head
from chatserver.events.sequencer import sequence
from chatserver.events.subscriptions import subscriptions_of

STEP = 2**31


@pytest.fixture(autouse=True)
def quiet(db: Any) -> None:
    """Nothing waits when a test begins, and the log is not empty."""
    while sequence():
        pass
    write()


def write() -> int:
    """The position of a new row."""
    log.emit("test:1", "test.happened", {})
    (row,) = sequence() or []
    return row.position


def start_another_server() -> None:
    """What a replica that was promoted finds in the head, and a copy that was restored."""
    Head.objects.update(server_started_at=datetime(2020, 1, 1, tzinfo=UTC))


def test_another_server_leaves_room_for_what_was_lost() -> None:
    before = log.position()
    start_another_server()
    first = write()
    assert before + STEP < first <= before + 2 * STEP + 1
    assert write() == first + 1


def test_two_copies_of_a_log_go_separate_ways() -> None:
    before = log.position()
    positions = []
    for _ in range(3):
        start_another_server()
        Event.objects.filter(position__gt=before).delete()
        positions.append(write())
    assert len(set(positions)) == 3


def test_a_position_that_was_lost_is_none() -> None:
    kept = log.position()
    assert subscriptions_of(5, kept + 1).reset_reason == "future"
    start_another_server()
    first = write()
    assert subscriptions_of(5, kept + 1).reset_reason == "lost"
    assert subscriptions_of(5, first - 1).reset_reason == "lost"
    assert [subscriptions_of(5, known).reset_reason for known in (kept, first)] == [None, None]
    assert subscriptions_of(5).reset_reason is None


def test_only_behind_a_position_of_the_log_is_anything() -> None:
    kept = log.position()
    with pytest.raises(HistoryLost) as lost:
        log.after(kept + 1, 10)
    assert lost.value.head == kept
    start_another_server()
    first = write()
    with pytest.raises(HistoryLost) as lost:
        log.after(kept + 1, 10)
    assert lost.value.head == first
    assert [row.position for row in log.after(kept, 10)] == [first]
    assert log.after(first, 10) == []
