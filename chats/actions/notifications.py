"""Who should be told of a message although they are away: a durable reader of the log, for hosts that push and mail.

Some seconds after a message it looks who has not read it, and emits one event with all of them. Nobody hears it on a
stream of their own: it is for webhooks and the whole log, and is made only where one of these could get it.
"""

from itertools import groupby
from typing import NamedTuple

from django.db import connection

from chatserver.events import log
from chatserver.events.reader import Reader
from chatserver.events.rows import Row
from chatserver.events.type_patterns import matches
from chatserver.webhooks.access import active_endpoints
from rooms.models import Kind
from users.locking import lock_to_name
from users.models import ServiceKey, host_issuer

NOTIFICATIONS_READER = "notifications"
NOTIFICATIONS_TOPIC = "notifications"
UNREAD_SECONDS = 15.0
# In larger rooms only who is mentioned, else each of their messages would be told to hundreds.
MAX_NOTIFIED_ROOM = 200
# Those of a batch are looked up at once.
NOTIFICATIONS_BATCH = 100
RECIPIENTS = """
SELECT m.id, m.room_id, m.seq, m.sender_id, r.external_id, mine.user_id,
    (SELECT min(subject) FROM users_externalidentity i WHERE i.user_id = u.id AND i.issuer = %s),
    CASE WHEN mentioned.is_so THEN 'mentioned' WHEN m.parent_id IS NOT NULL THEN 'thread'
        WHEN r.kind = %s THEN 'direct' ELSE 'all' END
FROM chats_message m JOIN rooms_room r ON r.id = m.room_id
JOIN rooms_membership mine ON mine.room_id = m.room_id AND mine.user_id <> m.sender_id
LEFT JOIN chats_message root ON root.id = m.parent_id
LEFT JOIN chats_thread_member t ON t.thread_id = m.parent_id AND t.user_id = mine.user_id
CROSS JOIN LATERAL (SELECT EXISTS (
    SELECT 1 FROM chats_mention c
    WHERE c.message_id = m.id AND (c.user_id = mine.user_id OR c.user_id IS NULL AND r.members_count <= %s)
) AS is_so) mentioned
JOIN users_user u ON u.id = mine.user_id AND u.is_active AND NOT u.is_service
WHERE m.id = ANY(%s) AND NOT m.is_system AND m.removed_at IS NULL AND r.archived_at IS NULL
AND mine.visible_from_seq <= coalesce(root.seq, m.seq)
AND (m.parent_id IS NOT NULL OR mine.hidden_seq IS NULL OR m.seq - m.replies_so_far > mine.hidden_seq)
AND CASE WHEN m.parent_id IS NULL THEN mine.read_seq < m.seq ELSE t.is_following AND t.read_seq < m.thread_seq END
AND (mentioned.is_so AND mine.notify <> 'none' OR mine.notify = 'all' AND r.members_count <= %s)
AND (mine.muted_until IS NULL OR mine.muted_until <= statement_timestamp())
AND NOT EXISTS (SELECT 1 FROM rooms_block b WHERE b.blocker_id = mine.user_id AND b.blocked_id = m.sender_id)
ORDER BY m.id, mine.user_id
"""


class Recipient(NamedTuple):
    """One person to be told of one message, and why: mentioned, direct, thread (which they follow) or all."""

    message_id: int
    room_id: int
    seq: int
    sender_id: int
    room_external_id: str | None
    user_id: int
    external_id: str | None
    reason: str


def notifications_reader() -> Reader:
    """Emits the event of each message that was posted UNREAD_SECONDS ago."""
    return Reader(
        NOTIFICATIONS_READER,
        notify,
        max_rows=NOTIFICATIONS_BATCH,
        reads_bodies=False,
        delay_seconds=UNREAD_SECONDS,
    )


def notify(rows: list[Row]) -> None:
    """For messages that somebody should be told of, where anybody could tell them."""
    ids = [row.message_id for row in rows if row.is_event and row.type == "message.created"]
    if ids and is_wanted():
        for _, found in groupby(still_active(recipients_of(ids)), key=lambda recipient: recipient.message_id):
            emit_notification(list(found))


def is_wanted() -> bool:
    """Whether a webhook asked for these events, or a key may read the whole log."""
    patterns = (pattern for endpoint in active_endpoints() for pattern in endpoint.types)
    may_read = ServiceKey.objects.live().filter(scopes__contains=["events:read"], service__is_active=True)
    return any(matches(pattern, "notification.due") for pattern in patterns) or may_read.exists()


def recipients_of(message_ids: list[int | None]) -> list[Recipient]:
    """Who should be told of which of these messages."""
    with connection.cursor() as cursor:
        cursor.execute(RECIPIENTS, [host_issuer(), Kind.DIRECT, MAX_NOTIFIED_ROOM, message_ids, MAX_NOTIFIED_ROOM])
        return [Recipient(*row) for row in cursor.fetchall()]


def still_active(recipients: list[Recipient]) -> list[Recipient]:
    """Without who was deleted since they were read. The others stay until the commit, so a deletion finds the event."""
    active = lock_to_name({recipient.user_id for recipient in recipients})
    return [recipient for recipient in recipients if recipient.user_id in active]


def emit_notification(recipients: list[Recipient]) -> None:
    """The event of one message."""
    about = recipients[0]
    data = {
        "message_id": about.message_id,
        "room_id": about.room_id,
        "room_external_id": about.room_external_id,
        "seq": about.seq,
        "sender_id": about.sender_id,
        "recipients": [
            {"user_id": each.user_id, "external_id": each.external_id, "reason": each.reason} for each in recipients
        ],
    }
    log.emit(
        NOTIFICATIONS_TOPIC,
        "notification.due",
        data,
        actor_id=about.sender_id,
        room_id=about.room_id,
        user_ids=[each.user_id for each in recipients],
    )
