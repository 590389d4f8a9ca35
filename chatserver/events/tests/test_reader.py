"""What one durable reader does with the rows behind its cursor."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError
from prometheus_client import REGISTRY

from chatserver.events import log, reader
from chatserver.events.models import Event, Head, ReaderCursor, RowPutAside
from chatserver.events.reader import Reader
from chatserver.events.reader_cursor import MAX_ATTEMPTS
from chatserver.events.rows import Row
from chatserver.events.sequencer import sequence
from chatserver.events.topics import user_topic

NAME = "test"


@pytest.fixture(autouse=True)
def quiet(db: Any) -> None:
    """Nothing waits when a test begins, and the log is not empty."""
    write(0)


def write(*numbers: int) -> None:
    for number in numbers:
        log.emit("test:1", "test.happened", {"number": number})
    while sequence():
        pass


def number_of(row: Row) -> int:
    return msgspec.json.decode(row.body)["number"]


class Handler:
    """Remembers what it is given, also where it raises: it does so for the number `poison`."""

    def __init__(self, poison: int | None = None) -> None:
        self.poison = poison
        self.calls: list[list[int]] = []

    def __call__(self, rows: list[Row]) -> None:
        rows = [row for row in rows if row.topic == "test:1"]
        self.calls.append([number_of(row) for row in rows])
        for row in rows:
            if number_of(row) == self.poison:
                raise ValueError(row.body)
            log.emit(user_topic(1), "test.happened", {"number": number_of(row)})


def a_reader(handle: Callable[[list[Row]], int | None], **options: Any) -> Reader:
    """A reader whose cursor is at the log's end."""
    made = Reader(NAME, handle, **options)
    assert not made.has_work()
    return made


def drain(reader: Reader) -> None:
    while reader.has_work() and reader.work():
        pass


def written() -> list[int]:
    """The numbers for which a handler's writes are there."""
    while sequence():
        pass
    bodies = (
        Event.objects.filter(topic=user_topic(1), type="test.happened")
        .order_by("position")
        .values_list("body", flat=True)
    )
    return [msgspec.json.decode(body)["number"] for body in bodies]


def make_due() -> None:
    """Let the backoff be over."""
    ReaderCursor.objects.filter(name=NAME).update(retry_at=None)


def metric(name: str) -> float:
    return REGISTRY.get_sample_value(name, {"reader": NAME}) or 0.0


def test_rows_are_handled_once_in_order_in_batches() -> None:
    handler = Handler()
    read = a_reader(handler, max_rows=2)
    write(1, 2, 3)
    drain(read)
    drain(read)
    assert handler.calls == [[1, 2], [3]]
    assert written() == [1, 2, 3]


def test_a_batch_is_bounded_in_bytes_but_has_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len('{"number":1}')
    monkeypatch.setattr(reader, "READ_BODIES", reader.READ_BODIES.replace(str(reader.MAX_READ_BYTES), str(size + 1)))
    handler = Handler()
    read = a_reader(handler)
    write(1, 2, 3)
    drain(read)
    assert handler.calls[:2] == [[1, 2], [3]]


@pytest.mark.parametrize(("at_end", "handled"), [(True, [2]), (False, [1, 2])])
def test_a_new_reader_begins_where_it_is_declared(at_end: bool, handled: list[int]) -> None:
    write(1)
    seen: list[Row] = []
    read = Reader(NAME, seen.extend, begins_at_end=at_end)
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
    assert ReaderCursor.objects.get(name=NAME).position == log.position() - 1


def test_bodies_are_read_only_where_they_are_needed() -> None:
    bodies: list[str] = []
    read = a_reader(lambda rows: bodies.extend(row.body for row in rows), reads_bodies=False)
    write(1)
    drain(read)
    assert bodies == [""]


def test_a_batch_that_fails_is_undone_and_tried_row_by_row() -> None:
    handler = Handler(poison=3)
    read = a_reader(handler)
    write(1, 2, 3, 4)
    drain(read)
    assert handler.calls == [[1, 2, 3, 4], [1], [2], [3]]
    assert written() == [1, 2]
    cursor = ReaderCursor.objects.get(name=NAME)
    assert (cursor.attempts, cursor.failing) == (1, cursor.position + 1)


def test_a_row_that_fails_is_tried_again_later_and_alone() -> None:
    handler = Handler(poison=1)
    read = a_reader(handler)
    write(1, 2)
    drain(read)
    assert not read.has_work()
    assert not read.work()
    make_due()
    handler.poison = None
    handler.calls.clear()
    drain(read)
    assert handler.calls == [[1], [2]]
    assert RowPutAside.objects.count() == 0


def test_a_backoff_ends_also_where_the_clock_was_set_back() -> None:
    read = a_reader(Handler(poison=1))
    write(1)
    drain(read)
    ReaderCursor.objects.filter(name=NAME).update(retry_at=datetime.now(UTC) + timedelta(days=1))
    assert read.has_work()


def test_a_row_that_keeps_failing_is_put_aside_and_told() -> None:
    poisoned = metric("chat_reader_poisoned_total")
    handler = Handler(poison=1)
    read = a_reader(handler)
    write(1, 2)
    for attempt in range(MAX_ATTEMPTS):
        assert RowPutAside.objects.count() == 0, attempt
        drain(read)
        make_due()
    assert handler.calls.count([1]) == MAX_ATTEMPTS
    assert written() == [2]
    row = RowPutAside.objects.get()
    assert (row.reader, row.attempts, row.position) == (NAME, MAX_ATTEMPTS, log.position() - 2)
    assert metric("chat_reader_poisoned_total") == poisoned + 1


def test_what_is_noted_of_an_error_has_no_text_of_a_message() -> None:
    def fail(rows: list[Row]) -> None:
        raise IntegrityError(f"Key (text)=({rows[0].body}) already exists.")

    read = a_reader(fail)
    write(12345)
    for _ in range(MAX_ATTEMPTS):
        drain(read)
        make_due()
    error = RowPutAside.objects.get().error
    assert error.startswith("IntegrityError < test_reader.py:")
    assert "12345" not in error


@pytest.mark.parametrize("poison", [None, 1])
def test_a_row_put_aside_is_handled_anew_when_asked(poison: int | None) -> None:
    handler = Handler(poison=poison)
    read = a_reader(handler)
    write(1, 2)
    end = log.position()
    RowPutAside.objects.create(reader=NAME, position=end - 1, error="", attempts=5)
    RowPutAside.objects.create(reader="another", position=end - 1, error="", attempts=5, is_to_be_retried=True)
    ReaderCursor.objects.filter(name=NAME).update(position=end)
    assert not read.has_work()
    RowPutAside.objects.filter(reader=NAME).update(is_to_be_retried=True)
    drain(read)
    assert handler.calls == [[1]]
    left = list(RowPutAside.objects.filter(reader=NAME).values_list("attempts", "is_to_be_retried"))
    assert left == ([] if poison is None else [(6, False)])
    assert not read.has_work()
    assert written() == ([1] if poison is None else [])


def test_a_row_put_aside_that_the_log_no_longer_has_is_forgotten_when_asked() -> None:
    read = a_reader(Handler())
    RowPutAside.objects.create(reader=NAME, position=log.position() + 1, error="", attempts=5, is_to_be_retried=True)
    drain(read)
    assert RowPutAside.objects.count() == 0


def test_a_reader_ahead_of_a_log_that_lost_its_end_goes_on_with_what_comes() -> None:
    handler = Handler()
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
    handler = Handler()
    read = a_reader(handler, delay_seconds=60)
    write(1, 2)
    assert not read.has_work()
    Event.objects.filter(position=log.position() - 1).update(at=datetime.now(UTC) - timedelta(seconds=61))
    drain(read)
    assert handler.calls == [[1]]


def test_the_lag_is_told_beyond_the_delay() -> None:
    read = a_reader(Handler(), delay_seconds=60)
    write(1)
    Event.objects.filter(position=log.position()).update(at=datetime.now(UTC) - timedelta(seconds=100))
    assert read.has_work()
    assert 40 <= metric("chat_reader_lag_seconds") < 60
    read.work()
    read.has_work()
    assert metric("chat_reader_lag_seconds") == 0
