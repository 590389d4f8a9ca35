"""What a person has not read: a subtraction for each of their rooms, however many messages there are."""

from typing import Any

from django.db import connection

from users.models import User

UNREAD_ROOMS = """
SELECT r.id, r.last_seq - r.replies_count - m.read_seq + m.read_replies AS unread
FROM rooms_membership m JOIN rooms_room r ON r.id = m.room_id
WHERE m.user_id = %s AND r.archived_at IS NULL AND r.last_seq - r.replies_count > m.read_seq - m.read_replies
ORDER BY r.id
"""


def unread_of(user: User) -> dict[str, Any]:
    """The person's rooms where something is unread, archived ones left out, and the sums."""
    with connection.cursor() as cursor:
        cursor.execute(UNREAD_ROOMS, [user.pk])
        rooms = [{"room_id": room_id, "unread": unread, "mentions": 0} for room_id, unread in cursor.fetchall()]
    return {"rooms": rooms, "total": sum(room["unread"] for room in rooms), "mentions": 0, "threads": 0}
