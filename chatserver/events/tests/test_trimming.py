"""Old rows leave the log, but not before the other durable readers have handled them, within a limit."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import pytest
from prometheus_client import REGISTRY

from chatserver.events import log
from chatserver.events.models import Event, Head, ReaderCursor, RowPutAside
from chatserver.events.sequencer import sequence
from chatserver.events.subscriptions import subscriptions_of
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.trimming import trim
from chatserver.tests.harness.waiting import wait_for

TOPIC = "test:1"


@pytest.fixture(autouse=True)
def old_log(db: Any) -> int:
    """A log of rows that are 20 days old. Returns the position of the last."""
    for number in range(6):
        log.emit(TOPIC, "test.happened", {"number": number})
    while sequence():
        pass
    date_rows(20)
    return log.position()


def date_rows(days: float, behind: int = 0) -> None:
    """Let the rows behind a position be so many days old."""
    Event.objects.filter(position__gt=behind).update(at=datetime.now(UTC) - timedelta(days=days))


def positions() -> list[int]:
    return list(Event.objects.order_by("position").values_list("position", flat=True))


def missed(reader: str) -> float:
    return REGISTRY.get_sample_value("chat_reader_missed_total", {"reader": reader}) or 0.0


def test_rows_that_are_old_are_deleted_and_the_head_remembers(old_log: int) -> None:
    date_rows(13, behind=old_log - 2)
    trim(21)
    assert Head.objects.get().trimmed == 0
    trim(14)
    assert positions() == [old_log - 1, old_log]
    assert Head.objects.get().trimmed == old_log - 2
    assert subscriptions_of(5, old_log - 3).reset_reason == "trimmed"
    assert subscriptions_of(5, old_log - 2).reset_reason is None
    assert log.position() == old_log


def test_a_log_that_is_trimmed_to_nothing_keeps_its_end(old_log: int) -> None:
    trim()
    assert positions() == []
    assert log.position() == old_log


def test_rows_are_deleted_from_the_beginning_on_without_a_gap(old_log: int) -> None:
    Event.objects.filter(position=old_log - 3).update(at=datetime.now(UTC))
    trim()
    assert positions() == [*range(old_log - 3, old_log + 1)]


def test_a_row_from_the_future_does_not_keep_the_others(old_log: int) -> None:
    Event.objects.filter(position=old_log - 3).update(at=datetime.now(UTC) + timedelta(days=3650))
    trim()
    assert positions() == []


def test_rows_stay_until_every_reader_has_handled_them(old_log: int) -> None:
    ReaderCursor.objects.create(name="quick", position=old_log)
    ReaderCursor.objects.create(name="slow", position=old_log - 2)
    trim()
    assert positions() == [old_log - 1, old_log]
    assert Head.objects.get().trimmed == old_log - 2
    ReaderCursor.objects.filter(name="slow").update(position=old_log)
    trim()
    assert positions() == []


def test_a_reader_that_is_stuck_keeps_them_for_14_days_more_and_its_loss_is_logged(old_log: int) -> None:
    ReaderCursor.objects.create(name="stuck", position=old_log - 3)
    date_rows(27.9)
    trim()
    assert positions() == [*range(old_log - 2, old_log + 1)]
    before = missed("stuck")
    date_rows(28.1)
    trim()
    assert positions() == []
    assert missed("stuck") == before + 3


def test_rows_put_aside_are_kept_as_long_as_the_log(old_log: int) -> None:
    date_rows(13, behind=old_log - 1)
    for position in (old_log - 1, old_log):
        RowPutAside.objects.create(reader="one", position=position, error="", attempts=5)
    trim()
    assert list(RowPutAside.objects.values_list("position", flat=True)) == [old_log]


def test_a_service_trims_when_it_starts(start_service: Callable[..., Service]) -> None:
    service = start_service()
    service.stop()
    service.sql("UPDATE events_event SET at = now() - interval '20 days'")
    [(last,)] = service.sql("SELECT max(position) FROM events_event")
    service.sql("INSERT INTO events_reader (name, position) VALUES ('slow', %s)", last - 1)
    service.start()
    wait_for(lambda: service.sql("SELECT 1 FROM events_head WHERE trimmed = %s", last - 1))
    assert service.sql("SELECT min(position) FROM events_event") == [(last,)]


def test_a_process_that_freezes_while_it_trims_holds_up_no_event(start_service: Callable[..., Service]) -> None:
    service = start_service()
    (person,) = service.people()
    wait_for(lambda: service.sql("SELECT 1 FROM events_reader WHERE name = 'trim'"))
    frozen = psycopg2.connect(service.env["DATABASE_URL"])
    with frozen.cursor() as cursor:
        cursor.execute("UPDATE events_reader SET position = 1 WHERE name = 'trim'")
        person.send_text("hi")
        wait_for(lambda: service.sql("SELECT 1 FROM events_event WHERE body LIKE '%%\"hi\"%%'"))
    frozen.close()
