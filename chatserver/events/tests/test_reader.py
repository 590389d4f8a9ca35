"""What one durable reader does with the rows behind its cursor."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chatserver.events import log, reader
from chatserver.events.models import Event, Head, ReaderCursor
from chatserver.events.reader import Reader
from chatserver.events.rows import Row
from chatserver.tests.harness.durable_reader import (
    READER,
    RecordingHandler,
    a_reader,
    drain,
    metric,
    number_of,
    write,
    written,
)


@pytest.fixture(autouse=True)
def quiet(db: Any) -> None:
    """Nothing waits when a test begins, and the log is not empty."""
    write(0)


def test_rows_are_handled_once_in_order_in_batches() -> None:
    handler = RecordingHandler()
    read = a_reader(handler, max_rows=2)
    write(1, 2, 3)
    drain(read)
    drain(read)
    assert handler.calls == [[1, 2], [3]]
    assert written() == [1, 2, 3]


def test_a_batch_is_bounded_in_bytes_but_has_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len('{"number":1}')
    monkeypatch.setattr(reader, "READ_BODIES", reader.READ_BODIES.replace(str(reader.MAX_READ_BYTES), str(size + 1)))
    handler = RecordingHandler()
    read = a_reader(handler)
    write(1, 2, 3)
    drain(read)
    assert handler.calls[:2] == [[1, 2], [3]]


@pytest.mark.parametrize(("at_end", "handled"), [(True, [2]), (False, [1, 2])])
def test_a_new_reader_begins_where_it_is_declared(at_end: bool, handled: list[int]) -> None:
    write(1)
    seen: list[Row] = []
    read = Reader(READER, seen.extend, begins_at_end=at_end)
    drain(read)
    write(2)
    drain(read)
    assert [number_of(row) for row in seen if row.topic == "test:1"][-len(handled) :] == handled
    assert (seen[0].position == Event.objects.earliest("position").position) is not at_end


def test_a_handler_may_say_how_far_it_came() -> None:
    seen: list[int] = []

    def until_two(rows: list[Row]) -> int:
        seen.extend(number_of(row) for row in rows)
        return max((row.position for row in rows if number_of(row) <= 2), default=0)

    read = a_reader(until_two)
    write(1, 2, 3)
    assert read.has_work()
    assert not read.work()
    assert not read.work()
    assert seen == [1, 2, 3, 3]
    assert ReaderCursor.objects.get(name=READER).position == log.position() - 1


def test_bodies_are_read_only_where_they_are_needed() -> None:
    bodies: list[str] = []
    read = a_reader(lambda rows: bodies.extend(row.body for row in rows), reads_bodies=False)
    write(1)
    drain(read)
    assert bodies == [""]


def test_a_reader_ahead_of_a_log_that_lost_its_end_goes_on_with_what_comes() -> None:
    handler = RecordingHandler()
    read = a_reader(handler)
    write(1)
    drain(read)
    # What a replica that was promoted finds: the newest row is not there, and another server has started.
    Event.objects.filter(position=log.position()).delete()
    Head.objects.update(server_started_at=datetime(2020, 1, 1, tzinfo=UTC))
    write(2, 3)
    drain(read)
    assert handler.calls == [[1], [2, 3]]


def test_a_delayed_reader_handles_rows_of_that_age_only() -> None:
    handler = RecordingHandler()
    read = a_reader(handler, delay_seconds=60)
    write(1, 2)
    assert not read.has_work()
    Event.objects.filter(position=log.position() - 1).update(at=datetime.now(UTC) - timedelta(seconds=61))
    drain(read)
    assert handler.calls == [[1]]


def test_the_lag_is_measured_beyond_the_delay() -> None:
    read = a_reader(RecordingHandler(), delay_seconds=60)
    write(1)
    Event.objects.filter(position=log.position()).update(at=datetime.now(UTC) - timedelta(seconds=100))
    assert read.has_work()
    assert 40 <= metric("chat_reader_lag_seconds") < 60
    read.work()
    read.has_work()
    assert metric("chat_reader_lag_seconds") == 0
