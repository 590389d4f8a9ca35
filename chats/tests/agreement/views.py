"""What one person sees, in one form: by the model's account, and by a client's store."""

from collections.abc import Iterable, Mapping
from typing import Any

from chatserver_client.store import Store

from chats.tests.agreement.followers import GENERAL_ID
from chats.tests.agreement.model import EVERYBODY, Message, Room, World

View = dict[str, Any]


def by_model(world: World, me: int) -> View:
    """By the account of the model."""
    mine = [room for room in world.rooms.values() if me in room.members and not room.is_archived]
    return {
        "rooms": {room.id: _room(world, room, me) for room in mine},
        "messages": {room.id: [_message(world, message, me) for message in room.history_for(me)] for room in mine},
        "members": {room.id: _members(world, room) for room in mine},
        "threads": {
            root.id: {"unread": len(root.replies) - root.followers[me].read, "replies": len(root.left_replies)}
            for room in world.rooms.values()
            if me in room.members
            for root in room.history_for(me)
            if root.left_replies and root.is_followed_by(me)
        },
        "blocks": {other for one, other in world.blocks if one == me},
        "invitations": {
            key: (found.room.id, world.names[found.inviter])
            for key, found in world.invitations.items()
            if found.user_id == me
        },
    }


def _room(world: World, room: Room, me: int) -> View:
    member = room.members[me]
    unread = [message for message in room.texts if message.seq > member.read]
    last = room.history_for(me)[-1] if room.history_for(me) else None
    return {
        "kind": room.kind,
        "name": room.name,
        "posting": room.posting,
        "pinning": room.pinning,
        "members": len(room.members),
        "history": room.shows_history,
        "settings": (room.is_slow, room.takes_edits, room.takes_requests),
        # Replies that they do not see raise it, too.
        "last_seq": None if member.sees_from else room.last_seq,
        "main_seq": len(room.texts),
        "role": member.role,
        "read": (member.read, room.main_seq_at(member.read)),
        "unread": len(unread),
        "mentions": sum(bool(message.mentioned & {me, EVERYBODY}) for message in unread),
        "mine": (
            member.notify,
            member.is_pinned,
            member.hidden_at is not None and len(room.texts) <= member.hidden_at,
        ),
        "last": None if last is None else (last.id, last.version, last.text, world.names[last.sender]),
        "people": sorted(world.names[key] for key in room.members) if room.is_direct else None,
    }


def _message(world: World, message: Message, me: int) -> View:
    counts = [(emoji, len(who), me in who) for emoji, who in message.reactions.items() if who]
    replies = message.left_replies
    return {
        "id": message.id,
        "text": message.text,
        "says": None if message.is_removed else message.says,
        "version": message.version,
        "removed": message.is_removed,
        "sender": world.names[message.sender],
        "pinned by": message.pinned_by,
        "reactions": sorted(counts, key=lambda each: (-each[1], each[0])),
        "thread": (len(replies), len(message.replies)) if replies else None,
        "replied": sorted({world.names[reply.sender] for reply in replies})[:3] if len(replies) < 4 else None,
    }


def _members(world: World, room: Room) -> View:
    return {
        key: (member.role, world.names[key], max(member.read, member.has_shown) if room.is_direct else None)
        for key, member in room.members.items()
    }


def by_store(store: Store) -> View:
    """By a Python client's store that has loaded everything."""
    assert store.threads is not None
    threads = {
        each["root_id"]: {"unread": each["unread"], "replies": each["root"]["thread"]["reply_count"]}
        for each in store.threads.list()
    }
    return {"threads": threads} | by_parts(
        [room for key, room in store.rooms.items() if key != GENERAL_ID and room["archived_at"] is None],
        {key: timeline.messages for key, timeline in store.timelines.items()},
        {key: list(members.values()) for key, members in store.members.items()},
        store.blocks,
        store.invitations.values(),
    )


def by_parts(
    rooms: Iterable[Any],
    messages: Mapping[int, Iterable[Any]],
    members: Mapping[int, Iterable[Any]],
    blocks: Iterable[int],
    invitations: Iterable[Any],
) -> View:
    """By what a client holds, in any language: all but threads. Messages and members are those of opened rooms."""
    mine = {room["id"]: room for room in rooms}
    return {
        "rooms": {key: _stored_room(room) for key, room in mine.items()},
        "messages": {key: [_stored_message(message) for message in messages[key]] for key in mine if key in messages},
        "members": {
            key: {member["user"]["id"]: _stored_member(member, mine[key]["kind"]) for member in members[key]}
            for key in mine
            if key in members
        },
        "blocks": set(blocks),
        "invitations": {found["id"]: (found["room_id"], found["inviter"]["display_name"]) for found in invitations},
    }


def _stored_member(member: Any, kind: str) -> Any:
    return member["role"], member["user"]["display_name"], member["read_seq"] if kind == "direct" else None


def _stored_room(room: Any) -> View:
    last = room["last_message"]
    return {
        "kind": room["kind"],
        "name": room["name"],
        "posting": room["posting"],
        "pinning": room["pinning"],
        "members": room["members_count"],
        "history": room["history"] == "all",
        "settings": (room["slow_mode_seconds"] > 0, room["edit_minutes"] is None, room["join_requests"]),
        "last_seq": None if room["visible_from_seq"] else room["last_seq"],
        "main_seq": room["main_seq"],
        "role": room["role"],
        "read": (room["read_seq"], room["read_main_seq"]),
        "unread": room["unread"],
        "mentions": room["mentions"],
        "mine": (room["me"]["notify"], room["me"]["pinned"], room["me"]["hidden"]),
        "last": last and (last["id"], last["version"], _text(last), last["sender"]["display_name"]),
        "people": room["people"] and sorted(person["display_name"] for person in room["people"]),
    }


def _stored_message(message: Any) -> View:
    thread = message["thread"]
    people = [] if thread is None else [person["display_name"] for person in thread["participants"]]
    return {
        "id": message["id"],
        "text": _text(message),
        "says": _said(message),
        "version": message["version"],
        "removed": message["removed_at"] is not None,
        "sender": message["sender"]["display_name"],
        "pinned by": message["pinned_by"],
        "reactions": [(each["emoji"], each["count"], each["mine"]) for each in message["reactions"]],
        "thread": thread and (thread["reply_count"], thread["last_seq"]),
        "replied": sorted(people) if thread is None or thread["reply_count"] < 4 else None,
    }


def invitations_to(room: Room, world: World) -> View:
    """Those to a room, by the account of the model."""
    found = {key: each for key, each in world.invitations.items() if each.room is room}
    return {key: (each.user_id, each.inviter, each.uses_left) for key, each in found.items()}


def told_invitations(invitations: Iterable[Any], world: World) -> View:
    """The same by the API, which may have those to deleted people for a while."""
    return {
        each["id"]: (each["user_id"], each["inviter"]["id"], each["uses_left"])
        for each in invitations
        if each["user_id"] is None or each["user_id"] in world.usernames
    }


def _text(message: Any) -> str:
    return "" if message["kind"] == "system" else message["message"]


def _said(message: Any) -> Any:
    """What the room itself says."""
    said = message["metadata"]
    return (said["action"], said.get("name") or said["user_ids"]) if said else None


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two views differ, each with its path."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other}, key=str)
        missing = "nothing"
        return [
            found
            for key in keys
            for found in differences(one.get(key, missing), other.get(key, missing), f"{path}/{key}")
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            found
            for place, (first, second) in enumerate(zip(one, other, strict=True))
            for found in differences(first, second, f"{path}[{place}]")
        ]
    return [] if one == other else [f"{path}: {one!r} is not {other!r}"]
