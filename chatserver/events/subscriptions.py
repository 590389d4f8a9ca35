"""Who hears what, at one position of the log."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from django.db import connection

from chatserver.events.head import END, with_head
from chatserver.events.topics import topics_of_one

# Whether an earlier subscription of the same topic ended behind `asker.last`, with an event before its end. The user
# was entitled to that, and `s`, which begins later, does not bring it.
HAS_GAP = (
    "EXISTS (SELECT 1 FROM events_event ended WHERE ended.topic = s.topic AND ended.kind = 2 "
    "AND ended.position > asker.last AND ended.position < s.since AND asker.user_id = ANY(ended.user_ids) "
    "AND EXISTS (SELECT 1 FROM events_event told WHERE told.topic = s.topic AND told.kind = 0 "
    "AND told.position > asker.last AND told.position < ended.position))"
)


class Subscriptions(NamedTuple):
    """A user's subscriptions at one position of the log: topic -> the position after which its events are delivered.

    `reset_reason` says why the events after the user's last position can't be replayed, or is None. `visible_from` has
    the topics of which they do not hear what is about a lower seq.
    """

    position: int
    since: dict[str, int]
    reset_reason: str | None = None
    visible_from: Mapping[str, int] = MappingProxyType({})


def subscriptions_of(user_id: int, last: int | None = None) -> Subscriptions:
    """A user's subscriptions now. `last` is the last position that they saw, if any."""
    return all_subscriptions_of([(user_id, last)])[0]


def all_subscriptions_of(askers: Sequence[tuple[int, int | None]]) -> list[Subscriptions]:
    """The subscriptions of each (user id, last position or None), all read at once and so of the same position."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {END}, h.trimmed, EXISTS (SELECT 1 FROM events_event WHERE position = asker.last), "  # noqa: S608 - constants
            "mine.topics, mine.since, mine.limited, mine.visible_from, coalesce(mine.has_gap, false) "
            "FROM events_head h, unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS asker(user_id, last, number) "
            "LEFT JOIN LATERAL (SELECT array_agg(s.topic) AS topics, array_agg(s.since) AS since, "
            "array_agg(s.topic) FILTER (WHERE s.visible_from_seq > 0) AS limited, "
            "array_agg(s.visible_from_seq) FILTER (WHERE s.visible_from_seq > 0) AS visible_from, "
            f"bool_or(CASE WHEN s.since > asker.last THEN {HAS_GAP} END) AS has_gap "
            "FROM events_subscription s WHERE s.user_id = asker.user_id) mine ON true WHERE h.id = 1 ORDER BY number",
            [[user_id for user_id, _ in askers], [last for _, last in askers]],
        )
        rows = with_head(cursor.fetchall())
    all_subscriptions = []
    for (user_id, last), row in zip(askers, rows, strict=True):
        head, trimmed, is_there, topics, since, limited, seqs, has_gap = row
        heard = dict.fromkeys(topics_of_one(user_id), 0) | dict(zip(topics or (), since or (), strict=True))
        reason = None if last is None else _reset_reason(last, head, trimmed, is_there=is_there)
        if reason is None and has_gap:
            reason = "rejoined"
        visible_from = dict(zip(limited or (), seqs or (), strict=True))
        all_subscriptions.append(Subscriptions(head, heard, reason, visible_from))
    return all_subscriptions


def _reset_reason(last: int, head: int, trimmed: int, *, is_there: bool) -> str | None:
    if last > head:
        return "future"
    if last < trimmed:
        return "trimmed"
    return None if is_there or last in {head, trimmed} else "lost"
