"""The log's interface: write into it, change who hears it, read it."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.db import connection, transaction

from chatserver.events import broadcast, catalogue, sequencer
from chatserver.events.head import END, with_head
from chatserver.events.models import Kind
from chatserver.events.rows import COLUMNS, Row
from chatserver.events.topics import EVERYONE, user_topic

EMIT = (
    "INSERT INTO events_outbox "
    "(kind, topic, type, actor_id, room_id, message_id, at, body, user_ids, thread, about_seq) VALUES "
    "(%s, %s, %s, %s, %s, %s, clock_timestamp(), %s, %s, %s, %s)"
)
EMIT_EACH = (
    "INSERT INTO events_outbox (kind, topic, type, actor_id, room_id, at, body) "
    "SELECT 0, new.topic, %s, %s, new.room_id, clock_timestamp(), new.body "
    "FROM unnest(%s::bigint[], %s::text[], %s::text[]) WITH ORDINALITY AS new(room_id, topic, body, place) "
    "ORDER BY new.place"
)
# The topics that one person hears and that few hear. General is none of them, however few people there are.
SMALL_TOPICS_OF_ONE = """
SELECT mine.topic FROM events_subscription mine WHERE mine.user_id = %s AND mine.topic <> %s AND (
    SELECT count(*) FROM (SELECT 1 FROM events_subscription s WHERE s.topic = mine.topic LIMIT %s) capped
) <= %s
"""


def emit(
    topic: str,
    event_type: str,
    data: Any,
    *,
    actor_id: int | None = None,
    room_id: int | None = None,
    message_id: int | None = None,
    user_ids: list[int] | None = None,
    thread: dict[str, Any] | None = None,
    about_seq: int | None = None,
) -> None:
    """Record an event in the current transaction. `data` is its JSON body, as REST shows the object.

    `message_id` is given where the body is a message: redaction.redact() finds the event by it. `user_ids` are given
    where the body has external ids of these people: redact_person() finds it by them. `thread` are the totals of a
    reply's thread, which stand beside the data. Who hears the topic from a higher seq on than `about_seq` does not hear
    it. LookupError where the type is not in the catalogue.
    """
    catalogue.require(event_type, is_stored=True)
    _write(
        Kind.EVENT,
        topic,
        event_type,
        encode(data),
        actor_id=actor_id,
        room_id=room_id,
        message_id=message_id,
        user_ids=user_ids if thread is None else [person["id"] for person in thread["participants"]],
        thread=None if thread is None else encode(thread),
        about_seq=about_seq,
    )


def emit_each(
    event_type: str,
    told: Sequence[tuple[str, Any]],
    *,
    actor_id: int | None,
    room_id: int | Sequence[int] | None = None,
) -> None:
    """Record an event for each (topic, body), in their order, in one statement. Otherwise as emit().

    `room_id` is one for all events, or a list with one for each.
    """
    catalogue.require(event_type, is_stored=True)
    topics, bodies = [topic for topic, _ in told], [encode(body) for _, body in told]
    rooms = list(room_id) if isinstance(room_id, Sequence) else [room_id] * len(told)
    with connection.cursor() as cursor:
        cursor.execute(EMIT_EACH, [event_type, actor_id, rooms, topics, bodies])
    wake_after_commit()


def subscribe(topic: str, user_ids: Iterable[int], *, visible_from_seq: int = 0) -> None:
    """From this point of the log on, these users hear the topic, but nothing about a seq below `visible_from_seq`."""
    _write(Kind.SUBSCRIBE, topic, "subscribe", "{}", user_ids=list(user_ids), about_seq=visible_from_seq or None)


def unsubscribe(topic: str, user_ids: Iterable[int]) -> None:
    """From this point of the log on, these users no longer hear the topic."""
    _write(Kind.UNSUBSCRIBE, topic, "unsubscribe", "{}", user_ids=list(user_ids))


def revoke(user_id: int, reason: str, *, credential: str | None = None) -> None:
    """End the user's open streams: all of them, or those that this credential opened. `reason` goes into their bye."""
    _write(Kind.REVOKE, user_topic(user_id), reason, encode({"credential": credential}), user_ids=[user_id])


def emit_ephemeral(
    topics: Iterable[str], event_type: str, data: Any, *, room_id: int | None = None, about_seq: int | None = None
) -> None:
    """Send an event to the streams that hear any of the topics now, once to each. Never stored, lost without Redis.

    `about_seq` as in emit(). LookupError where the type is not in the catalogue.
    """
    catalogue.require(event_type, is_stored=False)
    broadcast.send_ephemeral(list(topics), event_type, encode(data), room_id, about_seq)


def emit_ephemerals(event_type: str, told: Sequence[tuple[list[str], Any]]) -> None:
    """emit_ephemeral() for each (topics, data), of no room. A stream gets what it hears of them in one piece."""
    catalogue.require(event_type, is_stored=False)
    broadcast.send_ephemerals([(topics, event_type, encode(data)) for topics, data in told])


def wake_after_commit() -> None:
    """Have what this transaction wrote sequenced as soon as it is committed."""
    # robust: the change is committed by then, so a failure here is no error of the caller; the poll makes up for it.
    transaction.on_commit(sequencer.wake, robust=True)


def encode(data: Any) -> str:
    return msgspec.json.encode(data).decode()


def _write(
    kind: Kind,
    topic: str,
    row_type: str,
    body: str,
    *,
    actor_id: int | None = None,
    room_id: int | None = None,
    message_id: int | None = None,
    user_ids: list[int] | None = None,
    thread: str | None = None,
    about_seq: int | None = None,
) -> None:
    fields: list[Any] = [int(kind), topic, row_type, actor_id, room_id, message_id, body, user_ids, thread, about_seq]
    with connection.cursor() as cursor:
        cursor.execute(EMIT, fields)
    wake_after_commit()


class HistoryLost(Exception):
    """A position is not in the log, since PostgreSQL lost commits. `head` is the log's end."""

    def __init__(self, head: int) -> None:
        super().__init__(f"the position is not in the log, which ends at {head}")
        self.head = head


def position() -> int:
    """The position of the newest row."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {END} FROM events_head h WHERE h.id = 1")  # noqa: S608 - constants
        ((head,),) = with_head(cursor.fetchall())
    return int(head)


def after(last: int, limit: int) -> list[Row]:
    """The rows after a position, oldest first, of every kind. HistoryLost where the log does not have the position."""
    with connection.cursor() as cursor:
        # The row at the position comes along, as the proof that what follows is of the same history.
        cursor.execute(
            f"SELECT {COLUMNS} FROM events_event WHERE position >= %s ORDER BY position LIMIT %s",  # noqa: S608 - constants
            [last, limit + 1],
        )
        rows = [Row(*fields) for fields in cursor.fetchall()]
        if rows and rows[0].position == last:
            return rows[1:]
        cursor.execute(f"SELECT {END}, h.trimmed FROM events_head h WHERE h.id = 1")  # noqa: S608 - constants
        ((head, trimmed),) = with_head(cursor.fetchall())
    if last not in {head, trimmed}:
        raise HistoryLost(head)
    return rows[:limit]


def between(first: int, last: int) -> list[Row]:
    """The rows after one position up to another, oldest first, of every kind."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM events_event WHERE position > %s AND position <= %s ORDER BY position",  # noqa: S608 - constants
            [first, last],
        )
        return [Row(*fields) for fields in cursor.fetchall()]


def sharing_a_small_topic(user_id: int, largest: int) -> set[int]:
    """The people who hear a topic that this user hears, and that at most `largest` people hear; General is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT user_id FROM events_subscription WHERE topic IN ({SMALL_TOPICS_OF_ONE})",  # noqa: S608 - constants
            [user_id, EVERYONE, largest + 1, largest],
        )
        return {row[0] for row in cursor.fetchall()}


def small_topics_of(user_ids: list[int], largest: int) -> dict[int, list[str]]:
    """For each user the topics that they hear and that at most `largest` people hear; General is none."""
    found: dict[int, list[str]] = {user_id: [] for user_id in user_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH topic AS (SELECT DISTINCT topic FROM events_subscription WHERE user_id = ANY(%s) AND topic <> %s), "
            "small AS (SELECT topic FROM topic WHERE (SELECT count(*) FROM (SELECT 1 FROM events_subscription s "
            "WHERE s.topic = topic.topic LIMIT %s) capped) <= %s) "
            "SELECT user_id, topic FROM events_subscription JOIN small USING (topic) WHERE user_id = ANY(%s)",
            [user_ids, EVERYONE, largest + 1, largest, user_ids],
        )
        for user_id, topic in cursor.fetchall():
            found[user_id].append(topic)
    return found
