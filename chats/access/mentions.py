"""Who is mentioned in a text, and how often a person is beyond their read marker."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection

from chats.mention_names import ROOM, candidates_in
from users.models import User

MAX_COUNTED_MENTIONS = 100
COUNTS = "SELECT * FROM chats_unread_mentions(%s, %s, %s)"


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
        cursor.execute(COUNTS, [user_id, list(room_ids), MAX_COUNTED_MENTIONS])
        return dict(cursor.fetchall())
