"""The name and the picture of a deleted person are nowhere any more (I9): not in the log, in memory, in the audit."""

import json
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from chats.actions.changes import remove_message
from chats.actions.messages import send_message
from chats.stream.recent_events import Frame, RecentEvents
from chatserver.events import redaction
from chatserver.events.models import Event, Outbox, Redaction
from chatserver.events.rows import Row
from chatserver.events.sequencer import sequence
from chatserver.tests.harness.dumps import pg_dump
from chatserver.tests.harness.messages import SEND_MANY
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.sse import Stream
from chatserver.tests.harness.waiting import wait_for
from rooms.actions.exclusions import settle_all
from rooms.actions.members import add_members
from rooms.actions.rooms import create_room, open_direct_room
from rooms.models import Membership, Room
from users.actions.people import delete_user, update_profile
from users.models import User

PICTURE = "https://example.com/wonderland.png"
NAME = 'Alice "Liddell" \\ {A.}'


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


def sequence_all() -> None:
    while sequence():
        pass


def showing_alice(model: Any) -> list[str]:
    bodies = model.objects.values_list("body", flat=True)
    return [body for body in bodies if "Liddell" in body or "wonderland" in body or '"username":"alice"' in body]


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


def test_others_keep_their_names_and_texts_what_was_written(alice: User, bob: User, charlie: User) -> None:
    be_seen(alice, bob, charlie)
    send_message(bob, Room.objects.get(pk=0).pk, f'{{"id":{alice.pk},"username":"alice","display_name":""}}')
    sequence_all()
    delete_user(alice)
    bodies = "".join(Event.objects.values_list("body", flat=True))
    assert '"username":"bob"' in bodies
    assert '"username":"charlie"' in bodies
    assert '\\"username\\":\\"alice\\"' in bodies


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


def test_the_rows_are_found_by_indexes(db: Any) -> None:
    about = {"user": 7, "person": "x", "shown": "y", "after": 0, "limit": 1}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")  # cheaper for a few rows
        cursor.execute(f"EXPLAIN {redaction.REDACT_LOG}", about)
        plan = " ".join(line for (line,) in cursor.fetchall())
    for index in ("events_event_sender", "events_event_first_person", "events_event_second_person"):
        assert index in plan


def frame(position: int, row_type: str, body: str) -> Frame:
    return Frame(Row(position, 0, "room:0", row_type, 7, 0, None, 0.0, body))


def test_memory_has_no_name_of_a_deleted_person() -> None:
    person = '{{"id":{},"username":"{}","display_name":"{}","avatar_url":"{}","is_deleted":{}}}'
    alice, gone = (
        person.format(7, "alice", '\\"A\\" {', PICTURE, "false"),
        person.format(7, "deleted 7", "", "", "true"),
    )
    other = person.format(8, "bob", "", "", "false")
    rows = [
        frame(1, "message.created", f'{{"message":"hai","sender":{alice}}}'),
        frame(2, "room.created", f'{{"people":[{alice},{other}]}}'),
        frame(3, "user.updated", alice),
        frame(4, "user.updated", gone),
    ]
    expected = [f'{{"message":"hai","sender":{gone}}}', f'{{"people":[{gone},{other}]}}', gone, gone]
    appended, prepended = RecentEvents(), RecentEvents()
    for each in rows:
        appended.append(each)
    prepended.append(rows[3])
    prepended.prepend([each.row for each in rows[:3]], 3)
    for recent in (appended, prepended):
        assert [each.row.body for each in recent.after(0) or ()] == expected


def test_the_audit_keeps_no_name(alice: User, bob: User, closed: Room) -> None:
    for row in (alice, Membership.objects.get(room=closed, user=alice)):
        LogEntry.objects.log_actions(bob.pk, [row], CHANGE, "Banned")
    delete_user(alice)
    assert all("alice" not in name for name in LogEntry.objects.values_list("object_repr", flat=True))
    entry = LogEntry.objects.get(content_type=ContentType.objects.get_for_model(User))
    assert (entry.object_id, entry.object_repr) == (str(alice.pk), f"deleted {alice.pk}")


def rename(person: Client) -> str:
    """A name and a picture that nothing else has."""
    name = f"Liddell{person.id}"
    answer = person.patch("/api/v1/users/me/", json={"display_name": name, "avatar_url": f"https://{name}.example/a"})
    assert answer.status_code == 200
    return name.casefold()


def database_of(service: Service) -> str:
    return pg_dump(service.env["DATABASE_URL"], "--data-only").casefold()


def told_by(stream: Stream) -> str:
    return json.dumps([event.data for event in list(stream.events)], ensure_ascii=False)


def test_nobody_finds_the_name_of_a_deleted_person_anywhere(start_service: Callable[..., Service]) -> None:
    service = start_service(workers=2)
    alice, bob = service.people(2)
    listening = bob.listen()
    begin = listening.named("hello")[0].id
    secrets = (rename(alice), f'"{alice.name}"'.casefold(), f"\t{alice.name}\t".casefold())
    alice.make_room(bob)
    alice.send_text("kept")
    alice.post("/api/v1/chats/", json={"user_id": bob.id, "message": "to bob"})
    assert secrets[0] in database_of(service)
    assert alice.delete("/api/v1/users/").status_code == 204
    listening.wait("member.removed")
    wait_for(lambda: not service.sql("SELECT 1 FROM rooms_exclusion"), what="all rooms to be left")
    resumed, old = bob.listen(begin), bob.listen(begin, path="/stream")
    for stream in (resumed, old):
        wait_for(lambda stream=stream: "to bob" in told_by(stream), what="the replay")
    told = [
        *(bob.get(path).text for path in ("/api/v1/events/?after=0&limit=1000", "/api/v1/rooms/", "/api/v1/users/")),
        bob.get("/api/v1/users/", params={"q": alice.name}).text,
        bob.get("/api/v1/rooms/0/messages/").text,
        told_by(resumed),
        told_by(old),
        database_of(service),
    ]
    for answer in told:
        for secret in secrets:
            assert secret not in answer.casefold(), secret


def test_after_a_crash_others_take_out_what_is_left(start_service: Callable[..., Service]) -> None:
    service = start_service()
    alice, bob = service.people(2)
    name = rename(alice)
    for _ in range(10):
        service.sql(SEND_MANY, 0, alice.id, "many", 2_000)
    wait_for(lambda: not service.sql("SELECT 1 FROM events_outbox"), what="all to be numbered")
    assert alice.delete("/api/v1/users/").status_code == 204
    service.kill()
    assert service.sql("SELECT count(*) FROM events_redaction") == [(1,)], "the crash came too late to prove anything"
    assert name in database_of(service)
    service.start()
    wait_for(lambda: not service.sql("SELECT 1 FROM events_redaction"), 60, "the end of it")
    assert name not in database_of(service)


def test_a_message_at_the_moment_of_the_deletion_shows_no_name(start_service: Callable[..., Service]) -> None:
    service = start_service()
    alice, _ = service.people(2)
    name = rename(alice)
    with closing(psycopg2.connect(service.env["DATABASE_URL"])) as sender, sender.cursor() as sending:
        sending.execute(SEND_MANY, [0, alice.id, "just now", 1])
        deleting = threading.Thread(target=alice.delete, args=("/api/v1/users/",))
        deleting.start()
        wait_for(lambda: service.waits_for_lock("users_user"), what="the deletion to wait for the message")
        sender.commit()
        deleting.join(10)
    wait_for(lambda: not service.sql("SELECT 1 FROM events_outbox"), what="all to be numbered")
    assert service.sql("SELECT count(*) FROM chats_message WHERE text = 'just now'") == [(1,)]
    assert name not in database_of(service)
