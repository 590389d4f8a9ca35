"""Who is mentioned in messages: found in their texts, kept as rows, and counted beyond the read marker."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection

from chats.mention_names import ROOM, candidates_in
from chats.models import Mention, Message, Thread, ThreadMember
from rooms.models import Membership
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


def replace_mentions(message: Message, found: str | None) -> list[ThreadMember]:
    """Give a message other mentions, and write its rows anew; returns what those have who follow its thread by that.

    The caller saves it, and tells them. (When sent: chats_send_rich.sql.) Needs the parent.
    """
    if message.mentions is not None:
        Mention.objects.filter(message=message).delete()
    message.mentions = found
    if found is None:
        return []
    mentions = msgspec.json.decode(found)
    ids = {mention["user_id"] for mention in mentions if "user_id" in mention} - {message.sender_id}
    members = Membership.objects.filter(room=message.room_id, user__in=ids, visible_from_seq__lte=message.about_seq)
    people = list(members.order_by("user_id").values_list("user_id", flat=True))
    everybody = [None] if any("room" in mention for mention in mentions) else []
    place = {"room_id": message.room_id, "seq": message.seq, "thread_seq": message.thread_seq}
    rows = [Mention(message=message, user_id=user_id, **place) for user_id in [*people, *everybody]]
    Mention.objects.bulk_create(rows)
    return [] if message.parent_id is None else _follow(message, people)


def _follow(reply: Message, people: list[int]) -> list[ThreadMember]:
    """Those who are mentioned in a reply follow its thread. Returns what they have who did not before."""
    if not people:
        return []
    # As replies do, which lock people's rows of the thread in another order.
    thread = Thread.objects.select_for_update(no_key=True).get(pk=reply.parent_id)
    read_seq = (reply.thread_seq or 1) - 1  # as where the reply was sent so
    nothing = {"thread": thread, "is_following": False, "read_seq": read_seq}
    # Who follows or reads the thread at this moment locks their row alone, which may be there by now.
    ThreadMember.objects.bulk_create([ThreadMember(user_id=pk, **nothing) for pk in people], ignore_conflicts=True)
    rows = ThreadMember.objects.select_for_update(no_key=True).filter(thread=thread, user__in=people)
    new = [member for member in rows.order_by("user_id") if not member.is_following]
    for member in new:
        member.is_following = True
        member.save(update_fields=["is_following"])
    return new


def count_mentions(user_id: int, room_ids: Sequence[int]) -> dict[int, int]:
    """How often somebody is mentioned beyond their read markers, by room; at most MAX_COUNTED_MENTIONS each."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [user_id, list(room_ids)])
        return dict(cursor.fetchall())
