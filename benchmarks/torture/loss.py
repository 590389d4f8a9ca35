"""What is lost when a replica is promoted: read from both logs before anybody may go on."""

import json
from collections import Counter
from dataclasses import dataclass

import psycopg2

from benchmarks.torture.log import SUBSCRIBE, Row, read_rows
from benchmarks.torture.operations import TYPES, Deed, deed_of

END = "SELECT coalesce(max(position), 0) FROM events_event"
# Everything that was committed, whether or not it has a position yet.
DEEDS = (
    "SELECT type, body FROM events_event WHERE type = ANY(%(types)s) "
    "UNION ALL SELECT type, body FROM events_outbox WHERE type = ANY(%(types)s)"
)
# Who hears what at the log's end: the last row about it decides.
TOPICS = (
    "SELECT DISTINCT ON (user_id, topic) user_id, topic, kind FROM events_event, unnest(user_ids) AS user_id "
    "WHERE kind IN (1, 2) ORDER BY user_id, topic, position DESC"
)

Connection = psycopg2.extensions.connection


@dataclass(frozen=True)
class Loss:
    """What a promoted replica lacks of its primary.

    `kept` is the last position that it has. `rows` are the primary's, in any case those behind it. `deeds` were done on
    the primary and not here, as often as counted. `topics` is what each user hears as of `kept`.
    """

    kept: int
    rows: list[Row]
    deeds: Counter[Deed]
    topics: dict[int, set[str]]

    @property
    def lost_rows(self) -> list[Row]:
        return [row for row in self.rows if row.position > self.kept]


def compare_logs(primary: Connection, promoted: Connection, known: int) -> Loss:
    """Nobody may write to either meanwhile. `rows` begin behind `known` where that is below the last one kept."""
    with primary.cursor() as old, promoted.cursor() as new:
        new.execute(END)
        ((kept,),) = new.fetchall()
        deeds = _deeds(old) - _deeds(new)
        new.execute(TOPICS)
        topics: dict[int, set[str]] = {}
        for user_id, topic, kind in new.fetchall():
            if kind == SUBSCRIBE:
                topics.setdefault(user_id, set()).add(topic)
        return Loss(kept, read_rows(old, min(kept, known)), deeds, topics)


def _deeds(cursor: "psycopg2.extensions.cursor") -> Counter[Deed]:
    cursor.execute(DEEDS, {"types": list(TYPES)})
    found = (deed_of(row_type, json.loads(body)) for row_type, body in cursor.fetchall())
    return Counter(deed for deed in found if deed is not None)
