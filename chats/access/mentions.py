"""Who is mentioned in a text, and how often a person is beyond their read marker."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection

from chats.mention_names import ROOM, candidates_in
from users.models import User

MAX_COUNTED_MENTIONS = 100
# Mentions in threads are not counted here: who is mentioned there follows the thread.
COUNTS = f"""
SELECT m.room_id, least({MAX_COUNTED_MENTIONS}, of_me.count + of_all.count)
FROM rooms_membership m CROSS JOIN LATERAL (
    SELECT count(*) FROM (
        SELECT FROM chats_mention found WHERE found.user_id = m.user_id AND found.room_id = m.room_id
            AND found.seq > m.read_seq AND found.thread_seq IS NULL LIMIT {MAX_COUNTED_MENTIONS}
    ) capped
) of_me CROSS JOIN LATERAL (
    SELECT count(*) FROM (
        SELECT FROM chats_mention found WHERE found.user_id IS NULL AND found.room_id = m.room_id
            AND found.seq > m.read_seq AND found.thread_seq IS NULL AND NOT EXISTS (
                SELECT FROM chats_mention mine WHERE mine.message_id = found.message_id AND mine.user_id = m.user_id
            ) LIMIT {MAX_COUNTED_MENTIONS}
    ) capped
) of_all
WHERE m.user_id = %s AND m.room_id = ANY(%s)
"""  # noqa: S608 - constants


def mentions_in(room_id: int, text: str) -> str | None:
    """The JSON of what a text mentions in a room: its members, and the room; None where that is nothing.

    One query, or none where there is no @.
    """
    found = candidates_in(text)
    if not found:
        return None
    names = {name for candidate in found for name in candidate.names.values()}
    members = User.objects.filter(folded_username__in=names - {ROOM}, is_active=True, memberships__room=room_id)
    known = dict(members.values_list("folded_username", "pk"))
    mentions: list[dict[str, Any]] = []
    for start, ends in found:
        for end, name in ends.items():
            if name == ROOM:
                mentions.append({"room": True, "start": start, "end": end})
            elif name in known:
                mentions.append({"user_id": known[name], "start": start, "end": end})
            else:
                continue
            break
    return msgspec.json.encode(mentions).decode() if mentions else None


def count_mentions(user_id: int, room_ids: Sequence[int]) -> dict[int, int]:
    """How often somebody is mentioned beyond their read markers, by room; at most MAX_COUNTED_MENTIONS each."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [user_id, list(room_ids)])
        return dict(cursor.fetchall())
