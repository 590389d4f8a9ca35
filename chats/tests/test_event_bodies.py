"""An event's body is what REST answers about the same object at that moment."""

from typing import Any

from rooms.models import Room
from users.models import User

CHATS = "/api/v1/chats/"
ROOMS = "/api/v1/rooms/"


def test_the_event_of_a_message_has_the_body_of_the_answer(
    api_of: Any, recorder: Any, alice: User, closed: Room
) -> None:
    record = recorder()
    text = 'Grüße, "quoted" \\ and </script> \u2028'
    answer = api_of(alice).post(CHATS, {"room_id": closed.pk, "message": text, "client_message_id": "1"}, "json")
    message = answer.json()
    assert record.events() == [(closed.topic, "message.created", message)]
    page = api_of(alice).get(f"{ROOMS}{closed.pk}/messages/").json()["results"]
    last = api_of(alice).get(f"{ROOMS}{closed.pk}/").json()["last_message"]
    assert page == [message | {"reactions": [], "thread": None}]
    assert last == message


def test_the_event_of_a_direct_message_has_the_body_of_the_answer(
    api_of: Any, recorder: Any, alice: User, bob: User
) -> None:
    record = recorder()
    message = api_of(alice).post(CHATS, {"user_id": bob.pk, "message": "psst"}, "json").json()
    assert record.events()[-1] == (f"room:{message['room_id']}", "message.created", message)
    (room,) = [room for room in api_of(bob).get(ROOMS).json()["results"] if room["id"] == message["room_id"]]
    assert room["last_message"] == message


def test_the_events_of_rooms_have_the_bodies_of_the_answers(api_of: Any, recorder: Any, alice: User, bob: User) -> None:
    record = recorder()
    created = api_of(alice).post(ROOMS, {"name": "New", "kind": "open", "members": [bob.pk]}, "json").json()
    (body,) = bodies(record, "room.created")
    assert body == shared(created, body)
    changed = api_of(alice).patch(f"{ROOMS}{created['id']}/", {"description": "Changed"}, "json").json()
    (body,) = bodies(record, "room.updated")
    assert body == shared(changed, body)
    listed = next(room for room in api_of(alice).get(ROOMS).json()["results"] if room["id"] == created["id"])
    assert body == shared(listed, body)


def test_the_events_of_members_have_the_bodies_of_the_answers(
    api_of: Any, recorder: Any, alice: User, charlie: User, closed: Room
) -> None:
    record = recorder()
    answer = api_of(alice).post(f"{ROOMS}{closed.pk}/members/", {"user_ids": [charlie.pk]}, "json").json()
    assert bodies(record, "member.added") == answer["results"]
    one = api_of(alice).get(f"{ROOMS}{closed.pk}/members/{charlie.pk}/").json()
    assert [one] == answer["results"]


def test_the_events_of_people_have_the_bodies_of_the_answers(
    api_of: Any, recorder: Any, alice: User, bob: User
) -> None:
    record = recorder()
    url = f"/api/v1/users/{alice.pk}/"
    assert api_of(alice).patch("/api/v1/users/me/", {"display_name": "Alice A."}, "json").status_code == 200
    (body,) = bodies(record, "user.updated")
    assert body == shared(api_of(bob).get(url).json(), body)


def bodies(record: Any, event: str) -> list[dict[str, Any]]:
    return [body for _, kind, body in record.events() if kind == event]


def shared(answer: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """The answer without what is added for the one who asks: an event is told to everybody in the same words."""
    return {name: answer[name] for name in body}
