"""The SQL functions look rows up by their keys, whatever the tables held when a connection planned them."""

import pytest
from django.db import connection
from django.utils import timezone

from chats.actions.messages import insert_messages
from chats.models import Message
from rooms.models import Room
from users.models import User

# Everything is small here, so a planner that may would read the tables whole.
CALLS = {
    "a page of messages": "SELECT count(*) FROM chats_timeline_2(%(user)s, %(room)s, NULL, 0, 50)",
    "newest messages": "SELECT count(*) FROM chats_newest(ARRAY[%(room)s], ARRAY[1])",
    "a list of rooms": "SELECT count(*) FROM rooms_seen_by_2(%(user)s, true, NULL, NULL, NULL, NULL, NULL, NULL, 50)",
}


def whole_reads() -> set[tuple[str, int]]:
    """How often this transaction has read which table whole."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE seq_scan > 0")
        return set(cursor.fetchall())


def send(sender: User, room: Room) -> None:
    sent = Message(room=room, sender=sender, text="hello", sent_at=timezone.now(), client_message_id="once")
    insert_messages([sent], lock_milliseconds=0)
    assert sent.seq == 1


def test_a_message_is_sent_without_reading_a_table_whole(db: None, alice: User, open_room: Room) -> None:
    before = whole_reads()
    send(alice, open_room)
    assert whole_reads() == before


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_nothing_is_listed_by_reading_a_table_whole(db: None, alice: User, open_room: Room, call: str) -> None:
    send(alice, open_room)
    before = whole_reads()
    with connection.cursor() as cursor:
        cursor.execute(call, {"user": alice.pk, "room": open_room.pk})
        assert cursor.fetchone()[0] > 0
    assert whole_reads() == before
