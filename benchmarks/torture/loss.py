"""What is lost when a replica is promoted: read from both logs before anybody may write on."""

import json
from collections import Counter
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor

from benchmarks.processes.postgres import Connection
from benchmarks.torture.log import TYPES, Operation, Row, operation_of, read_rows

END = "SELECT coalesce(max(position), 0) FROM events_event"
# Everything that was committed, whether or not it has a position yet.
COMMITTED = (
    "SELECT type, body FROM events_event WHERE type = ANY(%(types)s) "
    "UNION ALL SELECT type, body FROM events_outbox WHERE type = ANY(%(types)s)"
)


@dataclass(frozen=True)
class Loss:
    """What a promoted replica lacks of its primary.

    `kept` is the last position that it has. `rows` are the primary's, in any case those behind it. `operations` were
    committed on the primary and not here, as often as counted.
    """

    kept: int
    rows: list[Row]
    operations: Counter[Operation]

    @property
    def lost_rows(self) -> list[Row]:
        return [row for row in self.rows if row.position > self.kept]


def compare_logs(primary: Connection, promoted: Connection, known: int) -> Loss:
    """Nobody may write to either meanwhile. `rows` begin behind `known` where that is below the last one kept."""
    with primary.cursor() as old, promoted.cursor() as new:
        new.execute(END)
        ((kept,),) = new.fetchall()
        return Loss(kept, read_rows(old, min(kept, known)), _committed(old) - _committed(new))


def _committed(cursor: Cursor) -> Counter[Operation]:
    cursor.execute(COMMITTED, {"types": list(TYPES)})
    found = (operation_of(row_type, json.loads(body)) for row_type, body in cursor.fetchall())
    return Counter(operation for operation in found if operation is not None)
