"""Who joined a room that shows its history from joining on hears nothing about what is older, live or later."""

from typing import Any

from chats.actions.changes import edit_message
from chats.models import Message
from chatserver.events import log
from chatserver.events.sequencer import sequence
from chatserver.tests.harness.newcomers import THUMB, Story
from chatserver.tests.harness.service import Service
from users.models import User


def test_events_about_what_is_older_are_for_others_alone(
    api_of: Any, alice: User, bob: User, charlie: User, story: Story
) -> None:
    """All that happens to a message, once to the question and its replies, once to what charlie sees."""
    sequence()
    start = log.position()

    def touch(message: Message) -> None:
        path = f"/api/v1/messages/{message.pk}/"
        for person, method, part in (
            (alice, "put", THUMB),
            (alice, "delete", THUMB),
            (alice, "put", "pin/"),
            (alice, "delete", "pin/"),
        ):
            assert getattr(api_of(person), method)(path + part).status_code == 204

    def heard(person: User) -> list[tuple[str, int]]:
        sequence()
        events = api_of(person).get(f"/api/v1/events/?after={start}").json()["results"]
        return [(event["type"], event["data"].get("message_id") or event["data"]["id"]) for event in events]

    touched = [*story.hidden, *story.seen]
    for message in touched:
        touch(message)
    edit_message(bob, story.hidden[1], "Cake.")
    edit_message(bob, story.seen[1], "Bad.")
    for message in (story.hidden[2], story.seen[1], story.hidden[0], story.seen[0]):
        assert api_of(alice).delete(f"/api/v1/messages/{message.pk}/").status_code == 204
    seen = {message.pk for message in story.seen}
    assert {about for _, about in heard(bob)} == {message.pk for message in touched}
    assert heard(charlie) == [event for event in heard(bob) if event[1] in seen]
    assert {name for name, _ in heard(charlie)} == {
        "reaction.added",
        "reaction.removed",
        "message.updated",
        "message.deleted",
    }


def test_a_stream_hears_nothing_about_what_is_older_live_or_later(granian: Service) -> None:
    alice, bob, charlie = granian.people(3)
    body = {"name": "Launch", "members": [bob.id], "history": "from_joining"}
    room_id = alice.post("/api/v1/rooms/", json=body).json()["id"]
    old = bob.send_text("old", room_id)
    there, newcomer = bob.listen(), charlie.listen()
    start = newcomer.last_event_id
    assert alice.post(f"/api/v1/rooms/{room_id}/members/", json={"user_id": charlie.id}).status_code == 201

    def touch(message: dict[str, Any]) -> None:
        path = f"/api/v1/messages/{message['id']}/"
        assert alice.put(path + THUMB).status_code == 204
        typing = alice.post(f"/api/v1/rooms/{room_id}/typing/", json={"parent_id": message["id"]})
        assert typing.status_code == 204
        assert bob.patch(path, json={"message": "other"}).status_code == 200
        alice.send_text("a reply", room_id, parent_id=message["id"])
        assert alice.delete(path).status_code == 204

    def heard(events: list[dict[str, Any]]) -> list[tuple[str, int]]:
        messages = [event for event in events if event["type"].partition(".")[0] in {"message", "reaction"}]
        return [(event["type"], event["data"]["seq"]) for event in messages]

    touch(old)
    new = bob.send_text("new", room_id)
    touch(new)
    touch(old | {"id": bob.send_text("newer", room_id)["id"]})
    last = bob.send_text("last", room_id)
    for stream in (there, newcomer):
        stream.wait("message.created", lambda event: event["data"]["id"] == last["id"])
    live = heard([event.data for event in newcomer.events if event.name not in {"hello"}])
    everything = heard([event.data for event in there.events if event.name not in {"hello"}])
    # The question, and the reply to it from after they came, which they see as the second message.
    assert live == [event for event in everything if event[1] not in {1, 3}]
    hidden = {name for name, seq in everything if seq in {1, 3}}
    assert hidden >= {"message.created", "message.updated", "message.deleted", "reaction.added"}
    typing = [[event.data["data"]["parent_id"] for event in each.named("typing.started")] for each in (there, newcomer)]
    assert old["id"] in typing[0]
    assert typing[1] == [parent_id for parent_id in typing[0] if parent_id != old["id"]]
    # Again from memory, and from the log.
    again = charlie.listen(start)
    again.wait("message.created", lambda event: event["data"]["id"] == last["id"])
    assert heard([event.data for event in again.events if event.name != "hello"]) == live
    page = charlie.get(f"/api/v1/events/?after={start}&limit=1000").json()
    assert heard(page["results"]) == live
