"""Rows that a durable reader fails at: tried again, put aside, and handled anew when staff ask for it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from chatserver.events import log
from chatserver.events.models import ReaderCursor, RowPutAside
from chatserver.events.reader_cursor import MAX_ATTEMPTS
from chatserver.events.rows import Row
from chatserver.tests.harness.durable_reader import (
    READER,
    RecordingHandler,
    a_reader,
    drain,
    make_due,
    metric,
    write,
    written,
)


@pytest.fixture(autouse=True)
def quiet(db: Any) -> None:
    """Nothing waits when a test begins, and the log is not empty."""
    write(0)


def test_a_batch_that_fails_is_undone_and_tried_row_by_row() -> None:
    handler = RecordingHandler(poison=3)
    read = a_reader(handler)
    write(1, 2, 3, 4)
    drain(read)
    assert handler.calls == [[1, 2, 3, 4], [1], [2], [3]]
    assert written() == [1, 2]
    cursor = ReaderCursor.objects.get(name=READER)
    assert (cursor.attempts, cursor.failing) == (1, cursor.position + 1)


def test_a_row_that_fails_is_tried_again_later_and_alone() -> None:
    handler = RecordingHandler(poison=1)
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
    read = a_reader(RecordingHandler(poison=1))
    write(1)
    drain(read)
    ReaderCursor.objects.filter(name=READER).update(retry_at=datetime.now(UTC) + timedelta(days=1))
    assert read.has_work()


def test_a_row_that_keeps_failing_is_put_aside_and_counted() -> None:
    poisoned = metric("chat_reader_poisoned_total")
    handler = RecordingHandler(poison=1)
    read = a_reader(handler)
    write(1, 2)
    for attempt in range(MAX_ATTEMPTS):
        assert RowPutAside.objects.count() == 0, attempt
        drain(read)
        make_due()
    assert handler.calls.count([1]) == MAX_ATTEMPTS
    assert written() == [2]
    row = RowPutAside.objects.get()
    assert (row.reader, row.attempts, row.position) == (READER, MAX_ATTEMPTS, log.position() - 2)
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
    assert error.startswith("IntegrityError < test_failing_reader.py:")
    assert "12345" not in error


@pytest.mark.parametrize("poison", [None, 1])
def test_a_row_put_aside_is_handled_anew_when_asked(poison: int | None) -> None:
    handler = RecordingHandler(poison=poison)
    read = a_reader(handler)
    write(1, 2)
    end = log.position()
    RowPutAside.objects.create(reader=READER, position=end - 1, error="", attempts=5)
    RowPutAside.objects.create(reader="another", position=end - 1, error="", attempts=5, is_to_be_retried=True)
    ReaderCursor.objects.filter(name=READER).update(position=end)
    assert not read.has_work()
    RowPutAside.objects.filter(reader=READER).update(is_to_be_retried=True)
    drain(read)
    assert handler.calls == [[1]]
    left = list(RowPutAside.objects.filter(reader=READER).values_list("attempts", "is_to_be_retried"))
    assert left == ([] if poison is None else [(6, False)])
    assert not read.has_work()
    assert written() == ([1] if poison is None else [])


def test_a_row_put_aside_that_the_log_no_longer_has_is_forgotten_when_asked() -> None:
    read = a_reader(RecordingHandler())
    RowPutAside.objects.create(reader=READER, position=log.position() + 1, error="", attempts=5, is_to_be_retried=True)
    drain(read)
    assert RowPutAside.objects.count() == 0
