"""What was removed is nowhere to be read any more: not in the history, not in the log, not in a replay."""

import json

from chatserver.tests.harness.service import Service, manage

REMOVE = (
    "from chats.models import Message; from chats.changes import remove_message; from users.models import User; "
    "remove_message(Message.objects.get(pk={}), actor=User.objects.get(pk={}))"
)


def test_a_removed_text_is_in_no_answer(service: Service) -> None:
    alice, bob = service.people(2)
    room = alice.make_room(bob)
    listening = bob.listen()
    start = listening.named("hello")[0].id
    kept = alice.send_text("kept", room)
    secret = alice.send_text("a telephone number", room)
    manage(service.env, "shell", "-c", REMOVE.format(secret["id"], alice.id))
    deleted = listening.wait("message.deleted")
    assert deleted.data["data"]["id"] == secret["id"]
    assert deleted.data["data"]["message"] == ""
    replay = bob.listen(start)
    replay.wait("message.deleted")
    assert replay.texts() == ["kept", ""]
    (stored,) = service.sql("SELECT string_agg(body, '') FROM events_event WHERE room_id = %s", room)
    answers = [
        bob.get("/api/v1/events/", params={"after": start}).text,
        bob.get(f"/api/v1/rooms/{room}/messages/").text,
        bob.get("/api/v1/rooms/").text,
        json.dumps([event.data for event in replay.events]),
        stored[0],
    ]
    for answer in answers:
        assert "telephone" not in answer
    assert bob.get(f"/api/v1/rooms/{room}/messages/").json()["results"][0] == kept | {"reactions": []}
