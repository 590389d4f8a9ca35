"""The old /room/<room_id>/messages."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chats.actions.changes import remove_message
from chats.actions.messages import send_message
from chats.models import Message
from chatserver.tests.harness.answers import assert_old_error, emitted
from rooms.actions.rooms import create_room, open_direct_room
from rooms.models import GENERAL_ID, Room
from users.models import User


@pytest.fixture
def room(alice: User, bob: User) -> Room:
    return open_direct_room(alice, bob)[0]


@pytest.fixture
def url(room: Room, alice: User, bob: User) -> str:
    return f"/room/{alice.pk}:{bob.pk}/messages"


def texts(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [message["message"] for message in answer.json()]


def test_the_example_of_the_contract(room: Room, alice: User, bob: User, api_of: Any, url: str) -> None:
    send_message(bob, room.pk, "What's up?")
    sent_at = datetime.fromtimestamp(1654459449.37, UTC)
    Message.objects.update(sent_at=sent_at)
    expected = {"date": 1654459449.37, "from": bob.pk, "message": "What's up?", "roomId": f"{alice.pk}:{bob.pk}"}
    for path in (f"{url}?offset=0&size=50", url, f"{url}/"):
        assert api_of(alice).get(path).json() == [expected]


def test_newest_first_in_slices(room: Room, alice: User, api_of: Any, url: str, django_assert_num_queries: Any) -> None:
    for number in range(5):
        send_message(alice, room.pk, str(number))
    client = api_of(alice)
    with django_assert_num_queries(2):  # the membership, the messages
        assert texts(client.get(url)) == ["4", "3", "2", "1", "0"]
    assert texts(client.get(f"{url}?offset=1&size=2")) == ["3", "2"]
    assert texts(client.get(f"{url}?offset=4&size=2")) == ["0"]
    assert texts(client.get(f"{url}?offset=5&size=2")) == []


@pytest.mark.parametrize(
    "query",
    ["offset=-1", "offset=x", "offset=%00", "offset=10001", "size=0", "size=101", "size=-1", "size=1.0", "size="],
)
def test_an_invalid_slice_is_400(alice: User, api_of: Any, url: str, query: str) -> None:
    assert_old_error(api_of(alice).get(f"{url}?{query}"), 400)


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_new_message_is_stored_and_sent_to_streams(
    room: Room, alice: User, bob: User, api_of: Any, url: str, slash: str
) -> None:
    answer = api_of(alice).post(url + slash, {"message": " Hey 🎈 "}, format="json")
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"date", "from", "message", "roomId"}
    assert (body["from"], body["message"], body["roomId"]) == (alice.pk, "Hey 🎈", f"{alice.pk}:{bob.pk}")
    stored = Message.objects.get()
    assert (stored.room_id, stored.sender_id, stored.recipient_id, stored.text) == (room.pk, alice.pk, bob.pk, "Hey 🎈")
    assert body["date"] == stored.sent_at.timestamp()
    assert [event["id"] for event in emitted("message.created")] == [stored.pk]
    assert api_of(bob).get(url).json() == [body]


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain"])
def test_a_form_will_do(room: Room, alice: User, api_of: Any, url: str, content_type: str) -> None:
    assert api_of(alice).generic("POST", url, "message=Hey+there", content_type).status_code == 201
    assert Message.objects.get().text == "Hey there"


@pytest.mark.parametrize("text", [None, "", "  ", "x" * 4001, "a\0b", [], {}, 1.5])
def test_an_invalid_text_is_400(room: Room, alice: User, api_of: Any, url: str, text: Any) -> None:
    assert_old_error(api_of(alice).post(url, {"message": text}, format="json"), 400)
    assert not Message.objects.exists()
    assert emitted("message.created") == []


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"message":"\\ud800"}', b'{"message":"\xff"}', b"{" * 10_000])
def test_an_invalid_body_is_400(room: Room, alice: User, api_of: Any, url: str, body: bytes) -> None:
    assert_old_error(api_of(alice).generic("POST", url, body, "application/json"), 400)
    assert not Message.objects.exists()


def test_a_room_of_others_is_not_there(
    room: Room, alice: User, bob: User, charlie: User, api_of: Any, url: str
) -> None:
    send_message(alice, room.pk, "secret")
    group = create_room(alice, [bob], name="closed", kind="closed")
    for path in (url, f"/room/{room.pk}/messages", f"/room/{group.pk}/messages", "/room/999999999/messages"):
        assert_old_error(api_of(charlie).get(path), 404)
        assert_old_error(api_of(charlie).post(path, {"message": "hai"}, format="json"), 404)
        assert_old_error(api_of(None).get(path), 401)
        assert_old_error(api_of(None).post(path, {"message": "hai"}, format="json"), 401)
    assert list(Message.objects.values_list("text", flat=True)) == ["secret"]
    assert texts(api_of(bob).get(url)) == ["secret"]


def test_the_other_way_round_is_the_same_room(room: Room, alice: User, bob: User, api_of: Any) -> None:
    send_message(alice, room.pk, "hai")
    assert texts(api_of(alice).get(f"/room/{bob.pk}:{alice.pk}/messages")) == ["hai"]
    assert texts(api_of(alice).get(f"/room/{room.pk}/messages")) == ["hai"]


@pytest.mark.parametrize(
    "name", ["x", "-1", ":", "1:", "1:2:3", "%00", "9" * 20, "1:" + "9" * 20, "1:x", "0:0", "%FF", "٣"]
)
def test_an_invalid_room_name_is_not_there(alice: User, api_of: Any, name: str) -> None:
    assert_old_error(api_of(alice).get(f"/room/{name}/messages"), 404)
    assert_old_error(api_of(alice).post(f"/room/{name}/messages", {"message": "hai"}, format="json"), 404)


def test_general_and_groups_have_their_number(alice: User, bob: User, api_of: Any) -> None:
    group = create_room(alice, [bob], name="group", kind="closed")
    for room_id in (GENERAL_ID, group.pk):
        answer = api_of(alice).post(f"/room/{room_id}/messages", {"message": "hai"}, format="json")
        assert answer.json()["roomId"] == str(room_id)
        assert api_of(bob).get(f"/room/{room_id}/messages").json()[0] == answer.json()


def test_a_removed_text_is_gone(room: Room, alice: User, api_of: Any, url: str) -> None:
    message, _ = send_message(alice, room.pk, "oops")
    remove_message(message, actor=alice)
    assert texts(api_of(alice).get(url)) == [""]
