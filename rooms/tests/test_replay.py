"""Old state + events = fresh state: a client that applies the log to what it fetched needs to fetch no more."""

from collections.abc import Callable
from typing import Any

import pytest

from chats.actions.changes import remove_message
from chats.actions.messages import send_message
from chats.actions.read_markers import mark_all_read, mark_read, mark_unread_from
from chatserver.events import log
from chatserver.events.entitled_rows import entitled_after
from chatserver.events.rows import event_json
from chatserver.events.sequencer import sequence
from chatserver.events.subscriptions import subscriptions_of
from rooms.actions.members import add_members, change_role, remove_member
from rooms.actions.rooms import archive_room, change_room, create_room, open_direct_room
from rooms.models import Kind, Membership, Room
from users.models import User

Act = Callable[[Room, dict[str, User]], Any]


def member(room: Room, user: User) -> Membership:
    return Membership.objects.select_related("room", "user").get(room=room, user=user)


def direct(who: dict[str, User]) -> Room:
    return open_direct_room(who["alice"], who["bob"])[0]


ACTS: dict[str, Act] = {
    "a message": lambda room, who: send_message(who["alice"], room.pk, "hello"),
    "one's own message": lambda room, who: send_message(who["bob"], room.pk, "hello"),
    "a removed message": lambda room, who: remove_message(
        send_message(who["alice"], room.pk, "gone")[0], actor=who["alice"]
    ),
    "a new name": lambda room, who: change_room(member(room, who["alice"]), {"name": "new"}),
    "a name of one's own": lambda room, who: (
        change_role(member(room, who["alice"]), member(room, who["bob"]), "moderator"),
        change_room(member(room, who["bob"]), {"name": "new"}),
    ),
    "an archived room": lambda room, who: archive_room(member(room, who["alice"])),
    "one more member": lambda room, who: add_members(member(room, who["alice"]), [who["charlie"]]),
    "one member less": lambda room, who: remove_member(member(room, who["alice"]), member(room, who["dana"])),
    "one's own removal": lambda room, who: remove_member(member(room, who["alice"]), member(room, who["bob"])),
    "one's own leave": lambda room, who: remove_member(member(room, who["bob"]), member(room, who["bob"])),
    "a new role": lambda room, who: change_role(member(room, who["alice"]), member(room, who["bob"]), "owner"),
    "a new owner": lambda room, who: remove_member(member(room, who["alice"]), member(room, who["alice"])),
    "a read marker": lambda room, who: (
        send_message(who["alice"], room.pk, "read"),
        mark_read(member(room, who["bob"]), 2),
    ),
    "a marker that moves back": lambda room, who: (
        said := send_message(who["alice"], room.pk, "read")[0],
        send_message(who["bob"], room.pk, "and answered"),
        mark_unread_from(member(room, who["bob"]), said),
    ),
    "an answer after that": lambda room, who: (
        said := send_message(who["alice"], room.pk, "read")[0],
        mark_read(member(room, who["bob"]), 2),
        mark_unread_from(member(room, who["bob"]), said),
        send_message(who["bob"], room.pk, "and answered"),
    ),
    "all read": lambda room, who: (send_message(who["alice"], room.pk, "read"), mark_all_read(who["bob"])),
    "a direct message": lambda room, who: send_message(who["alice"], direct(who).pk, "hai"),
    "one's own direct message": lambda room, who: send_message(who["bob"], direct(who).pk, "hai"),
    "a read direct message": lambda room, who: (
        send_message(who["alice"], direct(who).pk, "hai"),
        mark_read(member(direct(who), who["bob"]), 2),
    ),
    "a new room": lambda room, who: create_room(who["charlie"], [who["bob"]], name="other", kind=Kind.CLOSED),
    "a new direct room": lambda room, who: open_direct_room(who["charlie"], who["bob"]),
}


def state_of(client: Any, me: User) -> dict[str, Any]:
    """What a client of bob holds: their rooms, who is in them, and how far the other of a direct room has read."""
    rooms = {room["id"]: room for room in client.get("/api/v1/rooms/?archived=true").json()["results"]}
    for room_id, room in rooms.items():
        members = client.get(f"/api/v1/rooms/{room_id}/members/").json()["results"]
        room["members"] = {shown["user"]["id"]: shown["role"] for shown in members}
        if room["kind"] == "direct":
            room["read"] = {shown["user"]["id"]: shown["read_seq"] for shown in members}
    return {"me": me.pk, "rooms": rooms}


def apply_event(state: dict[str, Any], event: dict[str, Any], fetch: Callable[[int], Any]) -> None:
    """What a client does with an event. A room that it hears of first is fetched."""
    rooms, data, room_id = state["rooms"], event["data"], event["room_id"]
    if room_id is not None and room_id not in rooms:
        if (fetched := fetch(room_id)) is not None:
            rooms[room_id] = fetched
        return
    room = rooms.get(room_id)
    match event["type"]:
        case "message.created":
            room |= {"last_message": data, "last_seq": data["seq"], "main_seq": data["main_seq"]}
            if data["kind"] == "text":
                room["last_active_at"] = data["sent_at"]
                move_marker(room, state["me"], data["sent_by"], data["seq"], data["main_seq"])
        case "message.deleted":
            if room["last_message"]["id"] == data["id"]:
                room["last_message"] = data
        case "room.updated" | "room.archived":
            room |= data
        case "member.added":
            room["members"][data["user"]["id"]] = data["role"]
            room["members_count"] += 1
        case "member.removed":
            del room["members"][data["user"]["id"]]
            room["members_count"] -= 1
        case "room.left":
            del rooms[room_id]
        case "member.updated":
            room["members"][data["user"]["id"]] = data["role"]
            if data["user"]["id"] == state["me"]:
                room["role"] = data["role"]
        case "read.updated":
            move_marker(room, state["me"], data["user_id"], data["seq"], data["read_main_seq"])
        case other:
            raise AssertionError(f"no client would know {other}")


def move_marker(room: dict[str, Any], me: int, user_id: int, seq: int, main_seq: int) -> None:
    """Events carry markers, also as the seq of a message that its sender has read; the client counts what is unread."""
    if user_id == me:
        room |= {"read_seq": seq, "read_main_seq": main_seq}
    if "read" in room:
        room["read"][user_id] = seq
    room["unread"] = room["main_seq"] - room["read_main_seq"]


@pytest.mark.parametrize("name", ACTS)
def test_old_state_and_events_are_fresh_state(
    api_of: Any, alice: User, bob: User, charlie: User, dana: User, closed: Room, name: str
) -> None:
    send_message(alice, closed.pk, "the first")
    send_message(alice, open_direct_room(alice, bob)[0].pk, "the first")
    while sequence():
        pass
    client, before = api_of(bob), log.position()
    state = state_of(client, bob)

    ACTS[name](closed, {"alice": alice, "bob": bob, "charlie": charlie, "dana": dana})
    while sequence():
        pass
    events = client.get(f"/api/v1/events/?after={before}").json()["results"]
    assert events
    fresh = state_of(client, bob)
    for event in events:
        apply_event(state, event, lambda room_id: fresh["rooms"].get(room_id))
    assert state == fresh


def test_the_log_as_json_is_the_log_as_the_stream_has_it(api_of: Any, bob: User, alice: User, closed: Room) -> None:
    send_message(alice, closed.pk, "hello")
    while sequence():
        pass
    heard = entitled_after(subscriptions_of(bob.pk), 0, 1000)
    answer = api_of(bob).get("/api/v1/events/?limit=500")
    assert answer.content.decode().startswith('{"results":[' + ",".join(event_json(row) for row in heard) + "]")
