"""What people did in a room, as messages of the room itself: who came, who went, and its new name.

A message names nobody: who it is about are ids, so that nothing has to be taken back when they are deleted. Rooms know
no messages: the app above replaces `post` when it starts. Nobody writes in an archived room, nor does the room.
"""

from collections.abc import Callable, Sequence
from typing import Any

from rooms.models import Membership, Room
from users.models import User

MAX_TOLD_PEOPLE = 100


def _post_nothing(room: Room, actor: User, text: str, data: dict[str, Any]) -> None:
    pass


# Posts a system message of what the actor did, in a room that is locked: `data` says it, `text` the same in English.
post: Callable[[Room, User, str, dict[str, Any]], None] = _post_nothing


def tell_added(room: Room, added: Sequence[Membership], actor: User) -> None:
    """People joined, or were added by somebody: one message for all of them."""
    if [member.user_id for member in added] == [actor.pk]:
        _tell_people(room, added, actor, "member_joined", "joined the room")
    else:
        _tell_people(room, added, actor, "members_added", f"added {_people(added)} to the room")


def tell_ended(room: Room, ended: Sequence[Membership], actor: User) -> None:
    """Somebody left, or people were removed."""
    if [member.user_id for member in ended] == [actor.pk]:
        _tell_people(room, ended, actor, "member_left", "left the room")
    else:
        _tell_people(room, ended, actor, "member_removed", f"removed {_people(ended)} from the room")


def tell_renamed(room: Room, actor: User) -> None:
    text = f"renamed the room to “{room.name}”" if room.name else "removed the room's name"
    _tell(room, actor, text, {"action": "room_renamed", "name": room.name})


def _tell_people(room: Room, members: Sequence[Membership], actor: User, action: str, text: str) -> None:
    user_ids = sorted(member.user_id for member in members)
    _tell(room, actor, text, {"action": action, "user_ids": user_ids[:MAX_TOLD_PEOPLE], "count": len(user_ids)})


def _tell(room: Room, actor: User, text: str, data: dict[str, Any]) -> None:
    if room.archived_at is None:
        post(room, actor, text, data)


def _people(members: Sequence[Membership]) -> str:
    return "1 person" if len(members) == 1 else f"{len(members)} people"
