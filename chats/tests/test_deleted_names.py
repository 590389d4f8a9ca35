"""What named a deleted person is nowhere any more (I9): not in the log, in memory, in the audit.

That is their name, their picture, and what the host product calls them.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from rest_framework import serializers
from rest_framework.test import APIClient

from chats.actions.changes import remove_message
from chats.actions.messages import send_message
from chats.actions.notifications import emit_notification, recipients_of
from chats.stream.recent_events import Frame, RecentEvents
from chatserver.events import catalogue, redaction
from chatserver.events.models import Event, Outbox, Redaction
from chatserver.events.rows import Row
from chatserver.events.sequencer import sequence
from chatserver.http.fields import MetadataField
from chatserver.tests.harness.dumps import pg_dump
from chatserver.tests.harness.messages import SEND_MANY
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.service_keys import key_of, service_account
from chatserver.tests.harness.sse import Stream
from chatserver.tests.harness.waiting import wait_for
from rooms.actions.exclusions import settle_all
from rooms.actions.members import add_members
from rooms.actions.rooms import create_room, open_direct_room
from rooms.models import Membership, Room
from users.actions.people import delete_user, update_profile
from users.actions.service_keys import find_or_make_service, issue_key
from users.models import ExternalIdentity, User
from users.serializers.people import PersonSerializer

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


# What a text in the data of a stored event may be, other than the name and the picture of a person.
WRITTEN_BY_PEOPLE = {"message", "metadata", "emoji", "reactions.emoji", "client_message_id", "attachments"}
OF_ROOMS = {"name", "description", "external_id", "room_external_id", "room.name", "room.description"}
REDACTED = {"recipients.external_id"}


def texts_of(data: serializers.BaseSerializer[Any], path: str = "") -> Iterator[str]:
    """Where any text can be in what this serializer shows, but for people."""
    shape = data.child if isinstance(data, serializers.ListSerializer) else data
    if isinstance(shape, PersonSerializer):
        return
    assert isinstance(shape, serializers.Serializer)
    for name, field in shape.fields.items():
        inner = field.child if isinstance(field, serializers.ListField) else field
        if isinstance(inner, serializers.BaseSerializer):
            yield from texts_of(inner, f"{path}{name}.")
        elif isinstance(inner, serializers.CharField | serializers.DictField | MetadataField):
            yield path + name


def test_no_event_has_a_text_of_which_nobody_thought_here() -> None:
    """A new one either can't name a person, or has to be taken out when they are deleted."""
    found = {text for each in catalogue.TYPES.values() if each.is_stored for text in texts_of(each.data())}
    assert found == WRITTEN_BY_PEOPLE | OF_ROOMS | REDACTED


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


def rename(person: Client) -> str:
    """A name and a picture that nothing else has."""
    name = f"Liddell{person.id}"
    answer = person.patch("/api/v1/users/me/", json={"display_name": name, "avatar_url": f"https://{name}.example/a"})
    assert answer.status_code == 200
    return name.casefold()


def database_of(service: Service) -> str:
    return pg_dump(service.env["DATABASE_URL"], "--data-only").casefold()


IDENTIFY = (
    "INSERT INTO users_externalidentity (user_id, issuer, subject, created_at) "
    "VALUES (%(user)s, '', 'subject' || %(user)s, now()) RETURNING subject"
)
DUE = "SELECT body FROM events_event WHERE type = 'notification.due'"


def known_to_a_host(person: Client) -> str:
    """What the host product calls them: nothing else is called so."""
    ((subject,),) = person.service.sql(IDENTIFY.replace("%(user)s", str(person.id)))
    return f'"{subject}"'


def let_notifications_be_due(service: Service) -> None:
    """As if 15 s were over."""
    wait_for(lambda: not service.sql("SELECT 1 FROM events_outbox"), what="all to be numbered")
    service.sql("UPDATE events_event SET at = at - interval '1 minute'")


def told_by(stream: Stream) -> str:
    return json.dumps([event.data for event in list(stream.events)], ensure_ascii=False)


def test_nobody_finds_the_name_of_a_deleted_person_anywhere(start_service: Callable[..., Service]) -> None:
    service = start_service(workers=2)
    alice, bob, shop = service.people(3)
    feed = {"Authorization": f"Bearer {key_of(service_account(shop), 'events:read')}"}
    listening = bob.listen()
    begin = listening.named("hello")[0].id
    secrets = (rename(alice), f'"{alice.name}"'.casefold(), f"\t{alice.name}\t".casefold(), known_to_a_host(alice))
    bob.send_text("to be told of", alice.make_room(bob))
    let_notifications_be_due(service)
    wait_for(lambda: service.sql(DUE), what="alice to be told")
    assert secrets[-1] in service.sql(DUE)[0][0]
    alice.send_text("kept")
    alice.post("/api/v1/chats/", json={"user_id": bob.id, "message": "to bob"})
    assert secrets[0] in database_of(service)
    assert alice.delete("/api/v1/users/").status_code == 204
    listening.wait("member.removed")
    wait_for(lambda: not service.sql("SELECT 1 FROM rooms_exclusion"), what="all rooms to be left")
    resumed, old = bob.listen(begin), bob.listen(begin, path="/stream")
    whole = Stream(f"{service.url}/api/v1/stream?all=true", feed, begin)
    wait_for(lambda: whole.named("notification.due"), what="the replay of what backends hear")
    for stream in (resumed, old):
        wait_for(lambda stream=stream: "to bob" in told_by(stream), what="the replay")
    told = [
        *(bob.get(path).text for path in ("/api/v1/events/?after=0&limit=1000", "/api/v1/rooms/", "/api/v1/users/")),
        bob.get("/api/v1/users/", params={"q": alice.name}).text,
        bob.get("/api/v1/rooms/0/messages/").text,
        bob.get("/api/v1/events/?all=true&after=0&limit=1000", headers=feed).text,
        told_by(whole),
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


def test_who_is_deleted_while_they_are_about_to_be_told_is_not_named(start_service: Callable[..., Service]) -> None:
    service = start_service()
    alice, bob, charlie, shop = service.people(4)
    key_of(service_account(shop), "events:read")
    subject, other = known_to_a_host(alice), known_to_a_host(charlie)
    bob.send_text("to be told of", bob.make_room(alice, charlie))
    with closing(psycopg2.connect(service.env["DATABASE_URL"])) as deleting, deleting.cursor() as cursor:
        cursor.execute("SELECT FROM users_user WHERE id = %s FOR UPDATE", [alice.id])
        let_notifications_be_due(service)
        wait_for(lambda: service.waits_for_lock("users_user"), what="the reader to wait for the deletion")
        cursor.execute("UPDATE users_user SET is_active = false WHERE id = %s", [alice.id])
        deleting.commit()
    wait_for(lambda: service.sql(DUE), what="charlie to be told")
    (body,) = service.sql(DUE)[0]
    assert other in body
    assert subject not in body
