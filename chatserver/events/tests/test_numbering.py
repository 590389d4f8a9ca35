"""What numbering looks at: enough, whoever commits when (I2), and no more, however long somebody holds the horizon."""

import random
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED, ISOLATION_LEVEL_REPEATABLE_READ

from chatserver.tests.harness.databases import Databases

Session = psycopg2.extensions.connection
Open = Callable[..., Session]

EMIT = "INSERT INTO events_outbox (kind, topic, type, body) VALUES (0, %s, 'test.happened', %s)"
SEQUENCE = "SELECT first_position, last_position FROM events_sequence(%s, %s)"
SEED = 20261122
WRITERS = 6
ROUNDS = 60


@pytest.fixture
def open_session(databases: Databases) -> Iterator[Open]:
    """Open sessions, each of its own transactions, on a database that nobody else has."""
    url = databases.env_of(databases.copy()[0])["DATABASE_URL"]
    opened: list[Session] = []

    def start(*, autocommit: bool = True, isolation: int = ISOLATION_LEVEL_READ_COMMITTED) -> Session:
        session = psycopg2.connect(url)
        session.set_session(isolation_level=isolation, autocommit=autocommit)
        opened.append(session)
        return session

    yield start
    for session in opened:
        session.close()


def ask(session: Session, query: str, *arguments: object) -> list[tuple]:
    with session.cursor() as cursor:
        cursor.execute(query, arguments)
        return cursor.fetchall() if cursor.description else []


def emit(session: Session, body: str, topic: str = "room:0") -> None:
    ask(session, EMIT, topic, f'"{body}"')


def sequence(session: Session, limit: int = 500, *, is_full_scan: bool = False) -> int:
    """How many rows got a position."""
    first, last = ask(session, SEQUENCE, limit, is_full_scan)[0]
    return 0 if first is None else last - first + 1


def numbered(session: Session) -> list[str]:
    rows = ask(session, "SELECT body FROM events_event WHERE type = 'test.happened' ORDER BY position")
    return [body.strip('"') for (body,) in rows]


def drain(session: Session) -> None:
    while sequence(session):
        pass


def buffers(session: Session, query: str) -> int:
    """The pages that a query touches. They do not depend on how busy the machine is."""
    plan = ask(session, f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}")[0][0][0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def hold_horizon(open_session: Open) -> Session:
    """A transaction that reads what is there now, and has written: PostgreSQL keeps all dead rows for it."""
    holder = open_session(autocommit=False, isolation=ISOLATION_LEVEL_REPEATABLE_READ)
    ask(holder, "SELECT pg_current_xact_id()")
    return holder


def test_numbering_costs_the_same_however_long_a_transaction_is_open(open_session: Open) -> None:
    """Expectation: a transaction that is open elsewhere for minutes, and one that wrote first and commits last, slow
    neither numbering, nor the look for work, nor the look for the log's end."""
    session = open_session()
    drain(session)
    holder = hold_horizon(open_session)
    late = open_session(autocommit=False)
    emit(late, "late")
    looks = {
        "numbering": "SELECT * FROM events_sequence(500)",
        "looking for work": "SELECT * FROM events_waiting(1)",
        "the end": "SELECT max(position) FROM events_event",
    }
    costs: dict[str, list[int]] = {name: [] for name in looks}
    for _ in range(2):
        for number in range(2_000):
            emit(session, str(number))
            assert sequence(session) == 1
        for name, query in looks.items():
            emit(session, "one more")
            costs[name].append(buffers(session, query))
        drain(session)
    for name, (early, later) in costs.items():
        assert later <= early + 10, name
        assert later < 100, name
    late.commit()
    holder.rollback()
    drain(session)
    assert numbered(session)[-1] == "late"
    assert ask(session, "SELECT count(*) FROM events_outbox") == [(0,)]


def test_in_any_order_of_commits_each_row_is_numbered_once_and_a_rooms_rows_in_their_order(open_session: Open) -> None:
    """Expectation (I2, I3): transactions that overlap at random lose no row, and no row gets ahead in its room."""
    judge = open_session()
    ask(judge, "CREATE TABLE room AS SELECT id, 0 AS seq FROM generate_series(0, 2) id")
    is_over = threading.Event()

    def write(number: int) -> int:
        dice = random.Random(SEED + number)
        session = open_session(autocommit=False)
        kept = 0
        for _ in range(ROUNDS):
            wrote = 0
            # Rooms in one order, so that nobody waits for somebody who waits for them.
            for room in sorted(dice.sample(range(3), dice.randint(1, 3))):
                ask(session, "SELECT pg_sleep(%s)", dice.choice([0, 0, 0.002]))
                seq = ask(session, "UPDATE room SET seq = seq + 1 WHERE id = %s RETURNING seq", room)[0][0]
                emit(session, str(seq), f"room:{room}")
                wrote += 1
            if dice.random() < 0.2:
                session.rollback()
            else:
                session.commit()
                kept += wrote
        return kept

    def number_rows(limit: int) -> None:
        session = open_session()
        while not is_over.is_set():
            sequence(session, limit)

    with ThreadPoolExecutor(WRITERS + 2) as pool:
        sequencers = [pool.submit(number_rows, limit) for limit in (3, 500)]
        kept = sum(future.result() for future in [pool.submit(write, number) for number in range(WRITERS)])
        is_over.set()
        for future in sequencers:
            future.result()
    drain(judge)
    assert ask(judge, "SELECT count(*) FROM events_outbox") == [(0,)]
    rows = ask(judge, "SELECT topic, body FROM events_event WHERE type = 'test.happened' ORDER BY position")
    assert len(rows) == kept
    for room, seq in ask(judge, "SELECT id, seq FROM room"):
        assert [int(body.strip('"')) for topic, body in rows if topic == f"room:{room}"] == list(range(1, seq + 1))


def test_a_batch_that_was_full_leaves_nothing_behind(open_session: Open) -> None:
    session = open_session()
    drain(session)
    hold_horizon(open_session)
    for number in range(25):
        emit(session, str(number))
    assert [sequence(session, limit=10) for _ in range(4)] == [10, 10, 5, 0]
    assert numbered(session) == [str(number) for number in range(25)]


def test_a_transaction_that_numbers_its_own_rows_may_write_more(open_session: Open) -> None:
    session, other = open_session(autocommit=False), open_session()
    drain(other)
    emit(session, "first")
    assert sequence(session) == 1
    # What others finish meanwhile is ahead of this transaction's own number.
    for _ in range(3):
        ask(other, "SELECT pg_current_xact_id()")
    emit(session, "second")
    assert sequence(session) == 1
    emit(session, "third")
    session.commit()
    assert sequence(other) == 1
    assert numbered(other) == ["first", "second", "third"]


def test_after_a_restore_into_a_younger_server_what_waits_is_numbered(open_session: Open) -> None:
    """The log then speaks of transactions that are still to come there."""
    session = open_session()
    emit(session, "before")
    drain(session)
    ask(session, "UPDATE events_event SET seen = '9000000000:9000000000:' WHERE body = '\"before\"'")
    emit(session, "after")
    assert sequence(session) == 1
    assert numbered(session) == ["before", "after"]


def test_a_thorough_look_finds_what_an_ordinary_one_passes_over(open_session: Open) -> None:
    session = open_session()
    emit(session, "ordinary")
    drain(session)
    marker = uuid.uuid4().hex
    emit(session, marker)
    ask(session, "UPDATE events_outbox SET xid = '3'")
    assert sequence(session) == 0
    assert sequence(session, is_full_scan=True) == 1
    assert numbered(session)[-1] == marker


def test_the_end_of_a_log_that_was_trimmed_to_nothing_is_remembered(open_session: Open) -> None:
    session = open_session()
    emit(session, "old")
    drain(session)
    (end,) = ask(session, "SELECT max(position) FROM events_event")[0]
    ask(session, "DELETE FROM events_event")
    ask(session, "UPDATE events_head SET trimmed = %s", end)
    emit(session, "new")
    assert ask(session, SEQUENCE, 500, False) == [(end + 1, end + 1)]
