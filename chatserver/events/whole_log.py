"""Every event of the deployment, for who is entitled to all of them. Never the rows that change who hears what."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.db import connection

from chatserver.errors import Invalid
from chatserver.events.entitled_rows import MAX_ENTITLED_BYTES, is_cut
from chatserver.events.rows import COLUMNS, Row
from chatserver.events.subscriptions import Subscriptions
from chatserver.events.type_patterns import types_matching
from chatserver.http.parameters import as_flag
from chatserver.http.scopes import Need

WHOLE_LOG = Need("events:read", only_keys=True)

# Rows that are looked at for one page: a type may be rare.
SCANNED_ROWS = 10_000
SCAN = (
    "SELECT count(*), max(position) FROM (SELECT position FROM events_event WHERE position > %s AND position <= %s "
    "ORDER BY position LIMIT %s) scanned"
)
ROWS_OF_TYPES = f"""
SELECT {COLUMNS} FROM (
    SELECT found.*, sum(octet_length(body)) OVER (ORDER BY position) - octet_length(body) AS bytes_before FROM (
        SELECT * FROM events_event
        WHERE kind = 0 AND type = ANY(%s) AND position > %s AND position <= %s ORDER BY position LIMIT %s
    ) found
) found WHERE bytes_before <= {MAX_ENTITLED_BYTES} ORDER BY position
"""  # noqa: S608 - constants


class LogPage(NamedTuple):
    """`next` is the position up to which there are no further events."""

    rows: list[Row]
    next: int


def types_of_whole_log(query: Mapping[str, str]) -> frozenset[str] | None:
    """The types that `?all=true&types=message.*,room.*` asks for; None without `all`. Invalid."""
    is_whole = as_flag(query.get("all", "false"), "all")
    if not is_whole and "types" in query:
        raise Invalid("types is used with all=true.", field="types")
    return types_matching(query.get("types", "*").split(",")) if is_whole else None


def whole_log(subscriptions: Subscriptions) -> Subscriptions:
    """The same position for one who hears everything: that they left a room and entered it again is no matter."""
    reason = subscriptions.reset_reason
    return Subscriptions(subscriptions.position, {}, None if reason == "rejoined" else reason)


def page_of_all(types: Collection[str], after: int, until: int, limit: int) -> LogPage:
    """Events of these types after one position up to another, oldest first: at most `limit`, and of 1 MB or so."""
    with connection.cursor() as cursor:
        cursor.execute(SCAN, [after, until, SCANNED_ROWS])
        ((scanned, last),) = cursor.fetchall()
        end = last if scanned == SCANNED_ROWS else until
        cursor.execute(ROWS_OF_TYPES, [list(types), after, end, limit])
        rows = [Row(*fields) for fields in cursor.fetchall()]
    return LogPage(rows, rows[-1].position if is_cut(rows, limit) else end)
