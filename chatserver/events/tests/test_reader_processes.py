"""Durable readers in real processes that are killed, lose PostgreSQL, and read at the same time."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from chatserver.tests.harness.databases import Databases, PrivateEngines
from chatserver.tests.harness.reading import ReadLog
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

POLL = 600


@pytest.fixture
def read_log(databases: Databases, tmp_path: Path) -> Iterator[ReadLog]:
    log = ReadLog(databases.env_of(databases.copy()[0]), tmp_path)
    yield log
    log.stop()


def words(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def test_two_processes_handle_each_row_once_and_in_order(read_log: ReadLog) -> None:
    for _ in range(2):
        read_log.start(max_rows=5)
    for batch in range(20):
        read_log.write(*words(f"{batch}-", 20))
    read_log.wait_until_handled([word for batch in range(20) for word in words(f"{batch}-", 20)])


def test_another_process_goes_on_where_one_is_killed(read_log: ReadLog) -> None:
    for _ in range(2):
        read_log.start()
    read_log.write("before", "wait", "after")
    killed = wait_for(read_log.worker)
    psutil.Process(killed).kill()
    other = wait_for(lambda: (worker := read_log.worker()) != killed and worker)
    assert read_log.handled() == []
    read_log.sql("INSERT INTO gate VALUES (true)")
    read_log.wait_until_handled(["before", "wait", "after"])
    assert read_log.sql("SELECT DISTINCT pid FROM handled") == [(other,)]


def test_a_row_that_fails_is_put_aside_and_can_be_retried(read_log: ReadLog) -> None:
    read_log.start(max_attempts=3)
    read_log.write("one", "poison", "two")
    read_log.wait_until_handled(["one"])
    [(attempts, failing)] = read_log.sql("SELECT attempts, failing FROM events_reader WHERE name = 'test'")
    assert attempts >= 1
    read_log.wait_until_handled(["one", "two"], 60)
    [(position, error, attempts)] = read_log.sql("SELECT position, error, attempts FROM events_row_put_aside")
    assert (position, attempts) == (failing, 3)
    assert error.startswith("ValueError < reading_process.py:")
    assert "what the message said" not in error
    read_log.sql("INSERT INTO cured VALUES (true)")
    read_log.sql("UPDATE events_row_put_aside SET is_to_be_retried = true")
    read_log.wait_until_handled(["one", "two", "poison"])
    assert read_log.sql("SELECT 1 FROM events_row_put_aside") == []


def test_a_row_whose_handling_always_loses_the_connection_is_put_aside(read_log: ReadLog) -> None:
    read_log.start(max_attempts=2)
    read_log.write("one", "two", "die", "three")
    read_log.wait_until_handled(["one", "two", "three"], 60)
    assert read_log.sql("SELECT attempts FROM events_row_put_aside") == [(2,)]


def test_a_reader_is_woken_and_needs_no_poll(read_log: ReadLog) -> None:
    read_log.start(poll_seconds=POLL)
    for word in ("first", "second"):
        read_log.emit(word)
        wait_for(lambda word=word: word in read_log.handled())


def test_a_slow_handler_holds_up_neither_posting_nor_the_log(
    start_service: Callable[..., Service], tmp_path: Path
) -> None:
    service = start_service()
    (person,) = service.people()
    read_log = ReadLog(service.env, tmp_path)
    try:
        read_log.start()
        read_log.write("wait")
        wait_for(read_log.worker)
        stream = person.listen()
        person.send_text("hi")
        stream.wait("message.created")
        assert read_log.handled() == []
        stream.close()
    finally:
        read_log.stop()


def test_readers_go_on_when_postgresql_is_back(private_engines: PrivateEngines, tmp_path: Path) -> None:
    read_log = ReadLog(private_engines.env, tmp_path)
    try:
        read_log.start(max_rows=5)
        read_log.write(*words("before", 20))
        private_engines.postgres.stop()
        private_engines.postgres.start()
        read_log.write(*words("after", 20))
        read_log.wait_until_handled(words("before", 20) + words("after", 20))
    finally:
        read_log.stop()
