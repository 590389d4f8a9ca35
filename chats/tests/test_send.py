"""A message is sent by a member of the room, is kept, and its event has the body that REST shows."""

from typing import Any

import pytest

from chats.models import Message
from rooms.actions.members import remove_member
from rooms.actions.rooms import archive_room, open_direct_room
from rooms.models import Membership, Room
from users.actions.credentials import issue_token
from users.actions.people import ban_user, delete_user
from users.models import User

CHATS = "/api/v1/chats/"


def test_a_member_writes_into_a_room(
    api_of: Any, recorder: Any, alice: User, closed: Room, django_assert_num_queries: Any
) -> None:
    record = recorder()
    with django_assert_num_queries(1):
        answer = api_of(alice).post(CHATS, {"room_id": closed.pk, "message": "hello"}, "json")
    shown = answer.json()
    assert answer.status_code == 201
    assert {"room_id": closed.pk, "seq": 1, "sent_by": alice.pk, "received_by": None, "message": "hello"}.items() <= (
        shown.items()
    )
    assert (shown["kind"], shown["attachments"]) == ("text", [])
    message = Message.objects.get(pk=shown["id"])
    assert (message.room_id, message.seq, message.sender_id, message.text) == (closed.pk, 1, alice.pk, "hello")
    ((topic, event, body),) = record.events()
    assert (topic, event, body) == (closed.topic, "message.created", shown)


def test_a_user_id_reaches_that_user_as_in_the_seed(
    api_of: Any, recorder: Any, alice: User, bob: User, django_assert_num_queries: Any
) -> None:
    shown = api_of(alice).post(CHATS, {"user_id": bob.pk, "message": "hai"}, "json").json()
    assert (shown["sent_by"], shown["received_by"], shown["message"]) == (alice.pk, bob.pk, "hai")
    assert shown["sent_at"].endswith("Z")
    assert len(shown["sent_at"]) == len("2015-12-25T09:13:40Z")
    record = recorder()
    with django_assert_num_queries(3):
        back = api_of(bob).post(CHATS, {"user_id": alice.pk, "message": "hai back"}, "json").json()
    assert (back["room_id"], back["received_by"], back["seq"]) == (shown["room_id"], alice.pk, 2)
    assert [event for _, event, _ in record.events()] == ["message.created"]


def test_everybody_writes_into_general(api_of: Any, charlie: User) -> None:
    answer = api_of(charlie).post(CHATS, {"room_id": 0, "message": "hello all"}, "json")
    assert (answer.status_code, answer.json()["room_id"]) == (201, 0)


def test_outsiders_and_removed_members_do_not_write(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, closed: Room, open_room: Room
) -> None:
    assert api_of(bob).post(CHATS, {"room_id": closed.pk, "message": "I may"}, "json").status_code == 201
    members = Membership.objects.select_related("room", "user").filter(room=closed)
    remove_member(members.get(user=alice), members.get(user=bob))
    direct, _ = open_direct_room(alice, bob)
    record = recorder()
    for person, room_id, status in (
        (bob, closed.pk, 404),
        (charlie, closed.pk, 404),
        (charlie, open_room.pk, 403),
        (charlie, direct.pk, 404),
        (charlie, 10**15, 404),
    ):
        answer = api_of(person).post(CHATS, {"room_id": room_id, "message": "let me in"}, "json")
        assert answer.status_code == status
    assert not Message.objects.filter(text="let me in").exists()
    assert record.rows() == []


def test_the_banned_do_not_write_even_with_the_token_they_had(api_of: Any, charlie: User) -> None:
    secret, _ = issue_token(charlie)
    client = api_of(None)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert client.post(CHATS, {"room_id": 0, "message": "one"}, "json").status_code == 201
    ban_user(charlie)
    assert client.post(CHATS, {"room_id": 0, "message": "two"}, "json").status_code == 401
    assert [message.text for message in Message.objects.filter(sender=charlie)] == ["one"]


@pytest.mark.parametrize("end", [ban_user, delete_user])
def test_who_sends_again_to_somebody_who_is_gone_gets_the_first_message(
    api_of: Any, recorder: Any, alice: User, bob: User, charlie: User, end: Any
) -> None:
    body = {"user_id": bob.pk, "message": "hai", "client_message_id": "once"}
    first = api_of(alice).post(CHATS, body, "json").json()
    end(bob)
    record = recorder()
    again = api_of(alice).post(CHATS, body, "json")
    assert (again.status_code, again.json()["id"], again.json()["message"]) == (200, first["id"], "hai")
    other = api_of(alice).post(CHATS, body | {"message": "hello"}, "json")
    assert (other.status_code, other.json()["code"]) == (409, "client_message_id_used")
    for sender, changes in (
        (alice, {"client_message_id": "twice"}),
        (alice, {"client_message_id": None}),
        (charlie, {}),
    ):
        answer = api_of(sender).post(CHATS, body | changes, "json")
        assert (answer.status_code, answer.json()["code"]) == (404, "user_not_found"), changes
    assert record.rows() == []


def test_nobody_writes_into_an_archived_room(api_of: Any, recorder: Any, alice: User, closed: Room) -> None:
    archive_room(Membership.objects.select_related("room").get(room=closed, user=alice))
    record = recorder()
    answer = api_of(alice).post(CHATS, {"room_id": closed.pk, "message": "late"}, "json")
    assert (answer.status_code, answer.json()["code"]) == (403, "room_archived")
    closed.refresh_from_db()
    assert closed.last_seq == 0
    assert record.rows() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"message": "x"}, "room_id"),
        ({"message": "x", "room_id": 0, "user_id": 1}, "room_id"),
        ({"room_id": 0}, "message"),
        ({"message": None, "room_id": 0}, "message"),
        ({"message": ["x"], "room_id": 0}, "message"),
        ({"message": {"x": 1}, "room_id": 0}, "message"),
        ({"message": True, "room_id": 0}, "message"),
        ({"message": "x", "room_id": "General"}, "room_id"),
        ({"message": "x", "room_id": -1}, "room_id"),
        ({"message": "x", "room_id": None}, "room_id"),
        ({"message": "x", "room_id": [0]}, "room_id"),
        ({"message": "x", "room_id": 10**19}, "room_id"),
        ({"message": "x", "room_id": 0.5}, "room_id"),
        ({"message": "x", "user_id": 10**20}, "user_id"),
        ({"message": "x", "user_id": 0}, "user_id"),
        ({"message": "x", "user_id": {"id": 1}}, "user_id"),
        ({"message": "x", "room_id": 0, "client_message_id": ""}, "client_message_id"),
        ({"message": "x", "room_id": 0, "client_message_id": "x" * 65}, "client_message_id"),
        ({"message": "x", "room_id": 0, "client_message_id": "a\0b"}, "client_message_id"),
        ({"message": "x", "room_id": 0, "client_message_id": []}, "client_message_id"),
    ],
)
def test_a_body_that_is_no_message_is_400_and_names_the_field(
    api_of: Any, recorder: Any, alice: User, body: Any, field: str
) -> None:
    record = recorder()
    answer = api_of(alice).post(CHATS, body, "json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not Message.objects.exists()
    assert record.rows() == []


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "7", "1e999", "{", "", "\xff", "[" * 100_000, "NaN"])
def test_a_body_that_is_no_object_is_400(api_of: Any, alice: User, body: str) -> None:
    answer = api_of(alice).post(CHATS, body.encode("latin-1"), content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_that_is_not_json_is_415(api_of: Any, alice: User, kind: str) -> None:
    answer = api_of(alice).post(CHATS, b"room_id=0&message=x", content_type=kind)
    assert (answer.status_code, answer["Content-Type"]) == (415, "application/problem+json")
