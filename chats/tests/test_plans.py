"""The SQL functions look rows up by their keys, whatever the tables held when a connection planned them."""

import pytest
from django.db import connection
from django.utils import timezone

from chats.actions.messages import insert_messages
from chats.models import Message, Reaction, Thread
from rooms.models import Room
from users.models import User

# Everything is small here, so a planner that may would read the tables whole.
CALLS = {
    "a page of messages": "SELECT count(*) FROM chats_timeline_2(%(user)s, %(room)s, NULL, 0, 50)",
    "newest messages": "SELECT count(*) FROM chats_last_messages(ARRAY[%(room)s])",
    "reactions": "SELECT count(*) FROM chats_reactions(%(user)s, ARRAY[%(message)s])",
    "totals of threads": "SELECT count(*) FROM chats_threads(ARRAY[%(message)s])",
    "unread mentions": "SELECT count(*) FROM chats_unread_mentions(%(user)s, ARRAY[%(room)s], 100)",
    "unread threads": "SELECT 1 + chats_unread_threads(%(user)s)",
    "a list of rooms": "SELECT count(*) FROM rooms_seen_by_2(%(user)s, true, NULL, NULL, NULL, NULL, NULL, NULL, 50)",
}


def whole_reads() -> set[tuple[str, int]]:
    """How often this transaction has read which table whole."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE seq_scan > 0")
        return set(cursor.fetchall())


def send(sender: User, room: Room) -> Message:
    sent = Message(room=room, sender=sender, text="hello", sent_at=timezone.now(), client_message_id="once")
    insert_messages([sent], lock_milliseconds=0)
    assert sent.seq == 1
    return sent


def test_a_message_is_sent_without_reading_a_table_whole(db: None, alice: User, open_room: Room) -> None:
    before = whole_reads()
    send(alice, open_room)
    assert whole_reads() == before


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_nothing_is_listed_by_reading_a_table_whole(db: None, alice: User, open_room: Room, call: str) -> None:
    message = send(alice, open_room)
    Reaction.objects.create(message=message, emoji=":tea:", user=alice)
    Thread.objects.create(root=message, reply_count=1, last_reply_at=message.sent_at)
    before = whole_reads()
    with connection.cursor() as cursor:
        cursor.execute(call, {"user": alice.pk, "room": open_room.pk, "message": message.pk})
        assert cursor.fetchone()[0] > 0
    assert whole_reads() == before
