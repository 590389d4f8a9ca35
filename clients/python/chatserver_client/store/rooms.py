"""What messages, markers and other news change in a room that is mine.

Numbers only rise, but for a marker that is back: what is older than an answer changes nothing. What is unread is always
main_seq - read_main_seq. Which mentions are read, only the server knows.
"""

from collections.abc import Mapping
from typing import Any, cast

from chatserver_client.store.messages import newer_state
from chatserver_client.types import MemberSettings, Message, Room

MAX_COUNTED_MENTIONS = 100
# Kept where both sides have them and the event is the older one.
RISING = ("last_seq", "main_seq", "last_active_at")


def merged_room(known: Room | None, room: Mapping[str, Any]) -> Room:
    """What is known of a room, with what an answer says of it, or an event, which has nothing that is mine."""
    merged = cast(Room, {**(known or {}), **room})
    if known is not None:
        for name in RISING:
            merged[name] = max(known[name], merged[name])  # type: ignore[literal-required]  # of RISING
        merged["last_message"] = _newest(known.get("last_message"), room.get("last_message"))
        _read(merged, *max(_marker(known), _marker(cast(Room, room))))
    merged["me"] = settings_at(merged.get("me"), merged)
    return merged


def add_message(room: Room, message: Message, me: int) -> bool:
    """A message of the room was posted. Returns whether it moves the room up: replies and system messages do not."""
    is_new = message["seq"] > room["last_seq"]
    is_reply, is_system = message.get("parent_id") is not None, message.get("kind") == "system"
    main_seq = message.get("main_seq", message["seq"])
    if is_new:
        room["last_seq"], room["main_seq"] = message["seq"], main_seq
        if not is_reply and not is_system:
            room["last_active_at"] = max(room["last_active_at"], message["sent_at"])
    room["me"] = settings_at(room.get("me"), room)
    if is_reply:
        return False
    show_message(room, message)
    # Who writes has read.
    has_read = message["sent_by"] == me and not is_system
    _read(room, *max(_marker(room), (message["seq"], main_seq) if has_read else (0, 0)))
    if is_new and room["unread"] and is_mentioned(message, me):
        room["mentions"] = min(MAX_COUNTED_MENTIONS, (room.get("mentions") or 0) + 1)
    return is_new and not is_system


def show_message(room: Room, message: Message) -> None:
    """It may be the last one of its room, or a newer state of that one. Rooms show it without what hangs on it."""
    shown = {name: value for name, value in message.items() if name not in {"reactions", "thread"}}
    if message.get("parent_id") is None:
        room["last_message"] = _newest(room.get("last_message"), cast(Message, shown))


def move_marker(room: Room, marker: Mapping[str, Any]) -> bool:
    """My marker, as read.updated tells it. Returns whether the mentions have to be counted anew."""
    before, told = room.get("read_seq"), (marker["seq"], marker["read_main_seq"])
    _read(room, *(told if marker["is_back"] else max(_marker(room), told)))
    return room.get("read_seq") != before and (marker["is_back"] or bool(room.get("mentions")))


def settings_at(settings: MemberSettings | None, room: Room) -> MemberSettings | None:
    """What I set for myself: a hidden room shows again as soon as somebody writes there, other than in a thread."""
    if settings is None:
        return None
    hidden_seq = settings["hidden_seq"]
    return {**settings, "hidden": hidden_seq is not None and room.get("main_seq", room["last_seq"]) <= hidden_seq}


def is_hidden(room: Room) -> bool:
    settings = room.get("me")
    return settings is not None and settings["hidden"]


def is_mentioned(message: Message, me: int) -> bool:
    """Whether it mentions me, or the room."""
    return any(each.get("user_id") == me or each.get("room") for each in message.get("mentions", []))


def _marker(room: Room) -> tuple[int, int]:
    seq = room.get("read_seq") or 0
    return seq, room.get("read_main_seq") or 0


def _read(room: Room, seq: int, main_seq: int) -> None:
    room["read_seq"], room["read_main_seq"] = seq, main_seq
    room["unread"] = max(0, room.get("main_seq", room["last_seq"]) - main_seq)
    if room["unread"] == 0:
        room["mentions"] = 0


def _newest(one: Message | None, other: Message | None) -> Message | None:
    if one is None or other is None:
        return one or other
    if one["seq"] == other["seq"]:
        return newer_state(one, other)
    return max(one, other, key=lambda message: message["seq"])
