"""What was taken back is in no row of the outbox or of the log (I9), and is found there by an index."""

import re
import threading
from typing import Any

import psycopg2
import pytest
from django.db import connection

from chatserver.events import log, redaction
from chatserver.events.models import Event, Outbox
from chatserver.events.sequencer import sequence
from chatserver.tests.harness.databases import Databases
from chatserver.tests.harness.waiting import wait_for

TOPIC = "test:1"


def emit(text: str, message_id: int | None) -> None:
    log.emit(TOPIC, "test.happened", {"text": text}, message_id=message_id)


def bodies(model: Any) -> list[str]:
    return list(model.objects.filter(topic=TOPIC).order_by("pk").values_list("body", flat=True))


def test_all_rows_that_show_the_message_are_rewritten_and_no_others(db: Any) -> None:
    for text, message_id in (("first", 7), ("other", 8), ("none", None), ("second", 7)):
        emit(text, message_id)
    sequence()
    for text, message_id in (("third", 7), ("other", 8), ("none", None)):
        emit(text, message_id)
    redaction.redact(7, {"text": ""})
    others = ['{"text":"other"}', '{"text":"none"}']
    assert bodies(Event) == ['{"text":""}', *others, '{"text":""}']
    assert bodies(Outbox) == ['{"text":""}', *others]


@pytest.mark.parametrize("model", [Outbox, Event])
def test_they_are_found_by_an_index(db: Any, model: Any) -> None:
    """However large the log is: this happens under the lock of a room."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # which is the cheapest where there are a few rows
        cursor.execute(f"EXPLAIN UPDATE {model._meta.db_table} SET body = '' WHERE message_id = 7")
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert re.search(f"Index Scan (using|on) {model._meta.db_table}_message", plan)


def test_a_row_that_is_just_being_sequenced_is_found(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    url = databases.env_of(databases.copy()[0])["DATABASE_URL"]
    sequencing, redacting = psycopg2.connect(url), psycopg2.connect(url)
    redacting.autocommit = True
    monkeypatch.setattr(redaction, "connection", redacting)
    with sequencing.cursor() as cursor:

        def is_waiting() -> bool:
            waits = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
            cursor.execute(waits, [redacting.info.backend_pid])
            return cursor.fetchone() == (1,)

        cursor.execute(
            "INSERT INTO events_outbox (kind, topic, type, body, message_id) VALUES (0, %s, 'test', 'secret', 7)",
            [TOPIC],
        )
        sequencing.commit()
        cursor.execute("SELECT first_position FROM events_sequence(500)")
        thread = threading.Thread(target=redaction.redact, args=(7, "taken back"))
        thread.start()
        wait_for(is_waiting)
        sequencing.commit()
        thread.join()
        cursor.execute("SELECT body FROM events_event WHERE topic = %s", [TOPIC])
        assert cursor.fetchall() == [('"taken back"',)]
    sequencing.close()
    redacting.close()
