"""What named a deleted person is nowhere any more (I9): not in the log, in memory, in the audit.

That is their name, their picture, and what the host product calls them.
"""

from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from rest_framework.test import APIClient

from chats.actions.changes import remove_message
from chats.actions.messages import send_message
from chats.actions.notifications import emit_notification, recipients_of
from chats.stream.recent_events import Frame, RecentEvents
from chatserver.events import redaction
from chatserver.events.models import Event, Outbox, Redaction
from chatserver.events.rows import Row
from chatserver.events.sequencer import sequence
from rooms.actions.exclusions import settle_all
from rooms.actions.members import add_members
from rooms.actions.rooms import create_room, open_direct_room
from rooms.models import Membership, Room
from users.actions.people import delete_user, update_profile
from users.actions.service_keys import find_or_make_service, issue_key
from users.models import ExternalIdentity, User

PICTURE = "https://example.com/wonderland.png"
NAME = 'Alice "Liddell" \\ {A.}'
SUBJECT = 'looking "glass\\'


def be_seen(alice: User, bob: User, charlie: User) -> None:
    """Every kind of event that shows alice."""
    update_profile(alice, {"display_name": NAME, "avatar_url": PICTURE})
    alice.refresh_from_db()
    room = create_room(bob, [], name="ours", kind="closed")
    add_members(Membership.objects.select_related("room", "user").get(room=room, user=bob), [alice])
    send_message(alice, Room.objects.get(pk=0).pk, "hello, everybody")
    message, _ = send_message(alice, room.pk, "taken back")
    remove_message(message, actor=bob)
    send_message(alice, open_direct_room(alice, bob)[0].pk, "hello, bob")
    send_message(charlie, open_direct_room(charlie, alice)[0].pk, "hello, alice")
    for person, subject in ((alice, SUBJECT), (bob, f"not {SUBJECT}")):
        ExternalIdentity.objects.create(user=person, issuer="", subject=subject)
    for room_id in (0, room.pk):
        emit_notification(recipients_of([send_message(charlie if room_id == 0 else bob, room_id, "hello, all")[0].pk]))


def sequence_all() -> None:
    while sequence():
        pass


def showing_alice(model: Any) -> list[str]:
    bodies = model.objects.values_list("body", flat=True)
    marks = ("Liddell", "wonderland", '"username":"alice"', '"looking ')
    return [body for body in bodies if any(mark in body for mark in marks)]


@pytest.mark.parametrize("is_sequenced", [True, False])
def test_no_event_has_the_name_of_a_deleted_person(
    api_of: Any, alice: User, bob: User, charlie: User, is_sequenced: bool
) -> None:
    be_seen(alice, bob, charlie)
    if is_sequenced:
        sequence_all()
    before = dict((Event if is_sequenced else Outbox).objects.values_list("pk", "type"))
    assert len(showing_alice(Event if is_sequenced else Outbox)) > 8
    delete_user(alice)
    assert before.items() <= dict((Event if is_sequenced else Outbox).objects.values_list("pk", "type")).items()
    assert (showing_alice(Event), showing_alice(Outbox)) == ([], [])
    settle_all()
    sequence_all()
    assert showing_alice(Event) == []
    for person in (bob, charlie):
        answer = api_of(person).get("/api/v1/events/?limit=500")
        assert b"hello, " in answer.content
        for secret in (b"Liddell", b"wonderland", b'"alice"'):
            assert secret not in answer.content
    told = {(person["user_id"], person["external_id"]) for person in recipients_in(whole_feed())}
    assert told == {(alice.pk, None), (bob.pk, f"not {SUBJECT}")}


def whole_feed() -> list[dict[str, Any]]:
    """All events, as a backend reads them."""
    secret, _ = issue_key(find_or_make_service("shop"), "shop", ["events:read"])
    answer = APIClient().get("/api/v1/events/?all=true&limit=500", headers={"Authorization": f"Bearer {secret}"})
    return answer.json()["results"]


def recipients_in(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [person for event in events if event["type"] == "notification.due" for person in event["data"]["recipients"]]


def test_others_keep_their_names_and_texts_what_was_written(alice: User, bob: User, charlie: User) -> None:
    be_seen(alice, bob, charlie)
    send_message(bob, Room.objects.get(pk=0).pk, f'{{"id":{alice.pk},"username":"alice","display_name":""}}')
    sequence_all()
    delete_user(alice)
    bodies = "".join(Event.objects.values_list("body", flat=True))
    assert '"username":"bob"' in bodies
    assert '"username":"charlie"' in bodies
    assert '\\"username\\":\\"alice\\"' in bodies
    assert '"external_id":"not looking ' in bodies


def test_of_many_events_the_rest_is_rewritten_afterwards(
    monkeypatch: pytest.MonkeyPatch, alice: User, bob: User, charlie: User
) -> None:
    be_seen(alice, bob, charlie)
    sequence_all()
    monkeypatch.setattr(redaction, "MAX_REDACTED_ROWS", 3)
    count = len(showing_alice(Event))
    delete_user(alice)
    assert len(showing_alice(Event)) == count - 3
    assert redaction.redact_next()
    assert len(showing_alice(Event)) == count - 6
    redaction.redact_all()
    assert (showing_alice(Event), Redaction.objects.exists()) == ([], False)


# A log with all kinds of rows that name people: 2,000 of them, each in several of every kind.
FILL_LOG = """
INSERT INTO events_event (position, kind, topic, type, actor_id, body, user_ids, thread)
SELECT 1000000 + n, 0, 'room:0',
    (ARRAY['message.created', 'message.created', 'room.created', 'notification.due'])[1 + n % 4], n / 4 % 2000,
    format('{"people":[{"id":%s,"username":"a"},{"id":%s,"username":"b"}]}', n / 4 % 2000, n % 2000),
    CASE WHEN n % 4 IN (1, 3) THEN ARRAY[n / 4 % 2000] END, CASE n % 4 WHEN 1 THEN '{}' END
FROM generate_series(1, 40000) n
"""


def test_the_rows_are_found_by_indexes(db: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL_LOG)
        cursor.execute("ANALYZE events_event")
        about = redaction._about(7, "y") | {"after": 0, "limit": redaction.MAX_REDACTED_ROWS}
        cursor.execute(f"EXPLAIN {redaction.REDACT_LOG}", about)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan
    for index in ("sender", "first_person", "second_person", "thread_people", "recipients"):
        assert f"events_event_{index}" in plan, plan


def frame(position: int, row_type: str, body: str, user_ids: list[int] | None = None) -> Frame:
    return Frame(Row(position, 0, "room:0", row_type, 7, 0, None, 0.0, body, user_ids))


def test_memory_has_no_name_of_a_deleted_person() -> None:
    person = '{{"id":{},"username":"{}","display_name":"{}","avatar_url":"{}","is_deleted":{}}}'
    alice, gone = (
        person.format(7, "alice", '\\"A\\" {', PICTURE, "false"),
        person.format(7, "deleted 7", "", "", "true"),
    )
    other = person.format(8, "bob", "", "", "false")
    named = '{{"recipients":[{{"user_id":77,"external_id":"b"}},{{"user_id":7,"external_id":{}}}]}}'
    rows = [
        frame(1, "message.created", f'{{"message":"hai","sender":{alice}}}'),
        frame(2, "room.created", f'{{"people":[{alice},{other}]}}'),
        frame(3, "notification.due", named.format('"a\\"b\\\\"'), [7, 77]),
        frame(4, "user.updated", alice),
        frame(5, "user.updated", gone),
    ]
    expected = [
        f'{{"message":"hai","sender":{gone}}}',
        f'{{"people":[{gone},{other}]}}',
        named.format("null"),
        gone,
        gone,
    ]
    appended, prepended = RecentEvents(), RecentEvents()
    for each in rows:
        appended.append(each)
    prepended.append(rows[4])
    prepended.prepend([each.row for each in rows[:4]], 4)
    for recent in (appended, prepended):
        assert [each.row.body for each in recent.after(0) or ()] == expected


def test_the_audit_keeps_no_name(alice: User, bob: User, closed: Room) -> None:
    for row in (alice, Membership.objects.get(room=closed, user=alice)):
        LogEntry.objects.log_actions(bob.pk, [row], CHANGE, "Banned")
    delete_user(alice)
    assert all("alice" not in name for name in LogEntry.objects.values_list("object_repr", flat=True))
    entry = LogEntry.objects.get(content_type=ContentType.objects.get_for_model(User))
    assert (entry.object_id, entry.object_repr) == (str(alice.pk), f"deleted {alice.pk}")
