"""What a person has not read: a subtraction for each of their rooms, however many messages there are."""

from typing import NamedTuple

from django.db import connection

from chats.access.mentions import count_mentions
from users.models import User

UNREAD_ROOMS = """
SELECT r.id, r.last_seq - r.replies_count - m.read_seq + m.read_replies AS unread
FROM rooms_membership m JOIN rooms_room r ON r.id = m.room_id
WHERE m.user_id = %s AND r.archived_at IS NULL AND r.last_seq - r.replies_count > m.read_seq - m.read_replies
ORDER BY r.id
"""
UNREAD_THREADS = "SELECT chats_unread_threads(%s)"


class RoomUnread(NamedTuple):
    """How many messages of a room somebody has not read, and in how many of these they are mentioned."""

    room_id: int
    unread: int
    mentions: int


class Unread(NamedTuple):
    """The rooms where something is unread, and how many threads that somebody follows have unread replies."""

    rooms: list[RoomUnread]
    threads: int


def unread_of(user: User) -> Unread:
    """What the person has not read. Archived rooms are left out."""
    with connection.cursor() as cursor:
        cursor.execute(UNREAD_ROOMS, [user.pk])
        unread = dict(cursor.fetchall())
        cursor.execute(UNREAD_THREADS, [user.pk])
        (threads,) = cursor.fetchone()
    mentions = count_mentions(user.pk, list(unread)) if unread else {}
    return Unread([RoomUnread(key, unread[key], mentions.get(key, 0)) for key in unread], threads)
