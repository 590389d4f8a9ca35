"""What events of messages, reactions, threads and read markers change."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from chatserver_client.events import Event
from chatserver_client.store.messages import with_reaction, with_thread
from chatserver_client.store.rooms import add_message, is_mentioned, move_marker, show_message
from chatserver_client.store.state import State
from chatserver_client.types import Following, Message


def post(state: State, event: Event) -> None:
    message = cast(Message, event.data)
    room_id, is_mine = message["room_id"], message["sent_by"] == state.my_id
    room = state.rooms.get(room_id)
    if room is None:
        state.due.add(("room", room_id))
    elif add_message(room, message, state.my_id):
        state.move_up(room_id)
    if room_id in state.timelines:
        state.timelines[room_id].add(message)
    if event.thread is None:
        # Who writes has read. What the room itself says moves nobody's marker.
        if message.get("kind") != "system":
            state.move_member(room_id, message["sent_by"], message["seq"])
        return
    _set_totals(state, room_id, event.thread)
    if is_mine:
        root_id, seq = event.thread["root_id"], message.get("thread_seq") or 0
        _follow(state, Following(root_id=root_id, room_id=room_id, following=True, read_seq=seq))


def change(state: State, event: Event) -> None:
    message = cast(Message, event.data)
    room = state.rooms.get(message["room_id"])
    if room is not None:
        show_message(room, message)
        # Whom it mentioned before, nobody knows any more.
        is_unread = message["seq"] > (room.get("read_seq") or 0)
        if is_unread and (room.get("mentions") or is_mentioned(message, state.my_id)):
            state.due.add(("room", room["id"]))
    if message["room_id"] in state.timelines:
        state.timelines[message["room_id"]].update(message)
    if state.threads is not None:
        state.threads.update(message)
    if event.thread is not None:
        _set_totals(state, message["room_id"], event.thread)


def _set_totals(state: State, room_id: int, totals: Mapping[str, Any]) -> None:
    state.change_messages(room_id, totals["root_id"], lambda root: with_thread(root, totals))


def react(state: State, event: Event) -> None:
    told = event.data
    is_mine, is_added = told["user_id"] == state.my_id, event.type == "reaction.added"

    def changed(message: Message) -> Message:
        return with_reaction(message, told, is_mine=is_mine, is_added=is_added)

    state.change_messages(told["room_id"], told["message_id"], changed)


def follow(state: State, event: Event) -> None:
    _follow(state, cast(Following, event.data))


def _follow(state: State, mine: Following) -> None:
    if not mine["following"]:
        state.following.pop(mine["root_id"], None)
    if state.threads is not None and not state.threads.follow(mine):
        state.begin_to_follow(mine)


def read(state: State, event: Event) -> None:
    marker = event.data
    room = state.rooms.get(marker["room_id"])
    if marker["user_id"] == state.my_id and room is not None and move_marker(room, marker):
        state.due.add(("room", room["id"]))
    state.move_member(marker["room_id"], marker["user_id"], marker["seq"])


CHANGES: dict[str, Callable[[State, Event], None]] = {
    "message.created": post,
    "message.updated": change,
    "message.deleted": change,
    "reaction.added": react,
    "reaction.removed": react,
    "thread.updated": follow,
    "read.updated": read,
}
