"""The events of the log that one person may hear."""

from django.db import connection

from chatserver.events.rows import COLUMNS, Row
from chatserver.events.subscriptions import Subscriptions

# What is read at once for one person, in bytes of bodies.
MAX_ENTITLED_BYTES = 1024 * 1024
ENTITLED = f"""
SELECT {COLUMNS} FROM (
    SELECT found.*, sum(octet_length(body)) OVER (ORDER BY position) - octet_length(body) AS bytes_before FROM (
        SELECT e.* FROM events_event e
        JOIN unnest(%s::text[], %s::bigint[], %s::bigint[]) AS s(topic, since, visible_from) USING (topic)
        WHERE kind = 0 AND position > greatest(%s, s.since) AND position <= %s
            AND (about_seq IS NULL OR about_seq >= s.visible_from) ORDER BY position LIMIT %s
    ) found
) found WHERE bytes_before <= {MAX_ENTITLED_BYTES} ORDER BY position
"""  # noqa: S608 - constants


def entitled_after(subscriptions: Subscriptions, last: int, limit: int) -> list[Row]:
    """The events after `last` that the user may hear, oldest first, up to the position of the subscriptions.

    At most `limit`, and no further ones once they are larger than MAX_ENTITLED_BYTES: see is_cut().
    """
    topics, since = list(subscriptions.since), list(subscriptions.since.values())
    visible_from = [subscriptions.visible_from.get(topic, 0) for topic in topics]
    with connection.cursor() as cursor:
        cursor.execute(ENTITLED, [topics, since, visible_from, last, subscriptions.position, limit])
        return [Row(*fields) for fields in cursor.fetchall()]


def is_cut(rows: list[Row], limit: int) -> bool:
    """Whether more events than entitled_after() returned may follow."""
    return len(rows) == limit or sum(len(row.body.encode()) for row in rows) > MAX_ENTITLED_BYTES
