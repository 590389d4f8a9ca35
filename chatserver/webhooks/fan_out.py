"""The durable reader that makes a delivery of each event for each endpoint that wants it.

Deliveries and lanes are written in the transaction that moves the reader's cursor: each event once for each endpoint.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from django.db import connection, transaction

from chatserver.events.reader import Reader
from chatserver.events.rows import Row
from chatserver.events.topics import room_topic
from chatserver.events.type_patterns import matches
from chatserver.webhooks.access import active_endpoints
from chatserver.webhooks.models import Endpoint

WEBHOOKS_READER = "webhooks"
FAN_OUT_ROWS = 1_000
# Of deliveries: with many endpoints a batch of events makes many of them.
INSERTED_AT_ONCE = 5_000
INSERT_DELIVERIES = """
INSERT INTO webhooks_delivery (endpoint_id, position, type, room_id, lane)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::text[])
"""
# It locks lanes that are there already: a worker that finds one empty at this moment must not delete it.
OPEN_LANES = """
INSERT INTO webhooks_lane (endpoint_id, key) SELECT DISTINCT * FROM unnest(%s::bigint[], %s::text[]) ORDER BY 1, 2
ON CONFLICT (endpoint_id, key) DO UPDATE SET key = excluded.key
"""
_New = tuple[int, int, str, int | None, str]


def fan_out_reader(wake: Callable[[], None], has_endpoints: Callable[[], bool]) -> Reader:
    """`wake` is called when new deliveries are committed. Without endpoints there is no hurry: posting pays for it."""

    def handle(rows: list[Row]) -> None:
        if fan_out([row for row in rows if row.is_event]):
            transaction.on_commit(wake)

    return Reader(WEBHOOKS_READER, handle, max_rows=FAN_OUT_ROWS, reads_bodies=False, is_urgent=has_endpoints)


def fan_out(rows: list[Row]) -> int:
    """Write the deliveries of these events, in their order. Returns how many."""
    endpoints = list(active_endpoints()) if rows else []
    new, count = _new_deliveries(rows, endpoints), 0
    while batch := list(islice(new, INSERTED_AT_ONCE)):
        ids, positions, types, room_ids, lanes = map(list, zip(*batch, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(OPEN_LANES, [ids, lanes])
            cursor.execute(INSERT_DELIVERIES, [ids, positions, types, room_ids, lanes])
        count += len(batch)
    return count


def lane_of(row: Row) -> str:
    """What keeps its order: the events of a room, and those of one person without a room."""
    return row.topic if row.room_id is None else room_topic(row.room_id)


def lane_alone(position: int) -> str:
    """The lane of a delivery that waits for no other."""
    return f"event:{position}"


def _new_deliveries(rows: list[Row], endpoints: list[Endpoint]) -> Iterator[_New]:
    for endpoint in endpoints:
        types = {
            name for name in {row.type for row in rows} if any(matches(pattern, name) for pattern in endpoint.types)
        }
        rooms = None if endpoint.rooms is None else set(endpoint.rooms)
        for row in rows:
            if row.type not in types or row.position <= endpoint.begins_after:
                continue
            if rooms is None or row.room_id in rooms:
                lane = lane_of(row) if endpoint.is_ordered else lane_alone(row.position)
                yield endpoint.pk, row.position, row.type, row.room_id, lane
