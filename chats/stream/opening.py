"""What a stream needs from the database before it can begin: who asks, what he may hear, what he missed.

All of it runs in a thread.
"""

from typing import Any, NamedTuple

from django.db import close_old_connections

from chatserver.api import whole_number
from chatserver.errors import Invalid, Unauthorized
from chatserver.events import log
from chatserver.events.log import Standing
from chatserver.events.rows import Row
from users.identity import Identity, identify

MAX_REPLAY_EVENTS = 2_000
MAX_REPLAY_BYTES = 1024 * 1024


class Opening(NamedTuple):
    identity: Identity
    standing: Standing


def parse_last_event_id(text: str) -> int:
    """The position in a Last-Event-ID. Invalid for what is no position."""
    try:
        return whole_number(text, "last_event_id")
    except Invalid as error:
        raise Invalid("The last event id must be a position of the log.", code="invalid_last_event_id") from error


def look_up(scope: dict[str, Any], ticket: str | None, last: int | None) -> Opening:
    """Identify the caller and take his standing. Unauthorized, Throttled; django.db errors where PostgreSQL is away."""
    close_old_connections()
    before = log.position()
    return stand(identify(scope, ticket), before, last)


def stand(identity: Identity, before: int, last: int | None) -> Opening:
    """The standing of someone whose right was good at position `before` of the log. Unauthorized if it ended since.

    What ends it behind the standing's position reaches the stream through the hub.
    """
    close_old_connections()
    standing = log.standing_of(identity.user_id, last)
    if log.was_revoked(identity.user_id, identity.credential, before, standing.position):
        raise Unauthorized("This right has just ended.")
    return Opening(identity, standing)


def read_missed(standing: Standing, last: int) -> list[Row] | None:
    """The events behind `last` that he may hear; None where they are too many."""
    close_old_connections()
    rows = log.entitled_after(standing, last, MAX_REPLAY_EVENTS + 1)
    return rows if fits(rows) else None


def is_entitled(standing: Standing, row: Row) -> bool:
    """Whether he may hear this event of the log."""
    return row.is_event and standing.since.get(row.topic, row.position) < row.position <= standing.position


def fits(rows: list[Row]) -> bool:
    """Whether a replay stays in its limits."""
    return len(rows) <= MAX_REPLAY_EVENTS and sum(len(row.body) for row in rows) <= MAX_REPLAY_BYTES


def read_after(position: int, limit: int) -> list[Row]:
    """The hub's catch-up. HistoryLost where the position is not in the log."""
    close_old_connections()
    return log.after(position, limit)
