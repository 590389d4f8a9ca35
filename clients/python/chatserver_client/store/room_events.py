"""What events of rooms, their members, and my settings there change."""

from collections.abc import Callable
from typing import cast

from chatserver_client.events import Event
from chatserver_client.store.rooms import merged_room, settings_at
from chatserver_client.store.state import ALL_THREADS, State
from chatserver_client.types import Member, MemberSettings


def change_room(state: State, event: Event) -> None:
    known = state.rooms.get(event.data["id"])
    if known is not None:
        state.rooms[known["id"]] = merged_room(known, event.data)
    elif event.data["archived_at"] is None:
        # It is new to me; or it was archived, so that it was not in the snapshot.
        state.due.add(("room", event.data["id"]))


def leave(state: State, event: Event) -> None:
    state.leave(event.data["room_id"])


def set_mine(state: State, event: Event) -> None:
    room = state.rooms.get(event.data["room_id"])
    if room is not None:
        room["me"] = settings_at(cast(MemberSettings, event.data), room)


def add_member(state: State, event: Event) -> None:
    member = cast(Member, event.data)
    room_id, user_id = member["room_id"], member["user"]["id"]
    # How many there are now, the event does not say; nor what is there, to who enters.
    state.due.add(("room", room_id))
    if user_id == state.my_id:
        state.due |= {("messages", room_id)} if room_id in state.timelines else set()
        state.due |= set() if state.threads is None else {ALL_THREADS}
    _put_member(state, member)


def change_member(state: State, event: Event) -> None:
    member = cast(Member, event.data)
    if member["user"]["id"] == state.my_id and member["room_id"] in state.rooms:
        state.rooms[member["room_id"]]["role"] = member["role"]
    _put_member(state, member)


def remove_member(state: State, event: Event) -> None:
    member = cast(Member, event.data)
    room_id, user_id = member["room_id"], member["user"]["id"]
    if user_id == state.my_id:
        state.leave(room_id)
    elif room_id in state.rooms:
        state.due.add(("room", room_id))
        state.members.get(room_id, {}).pop(user_id, None)


def _put_member(state: State, member: Member) -> None:
    if member["room_id"] in state.members:
        state.members[member["room_id"]][member["user"]["id"]] = member


CHANGES: dict[str, Callable[[State, Event], None]] = {
    "room.created": change_room,
    "room.updated": change_room,
    "room.archived": change_room,
    "room.left": leave,
    "membership.updated": set_mine,
    "member.added": add_member,
    "member.updated": change_member,
    "member.removed": remove_member,
}
