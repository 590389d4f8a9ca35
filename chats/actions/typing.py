"""It is announced that somebody types, or no longer does. Kept nowhere but in Redis, for seconds; locks nothing."""

from typing import Any

from chats.access.message_rules import check_takes_replies
from chats.models import Message
from chats.serializers.typing import shown_typing
from chats.typing_pauses import TYPING_SHOWN_SECONDS, may_announce, may_end
from chatserver.events import log
from rooms.access.rules import check_open, posting_restricted
from rooms.limits import room_write_throttle
from rooms.models import Membership

# In larger rooms nobody hears who types: one of many always does, and each of them would be told to all.
LARGEST_TYPING_ROOM = 200


def announce_typing(member: Membership, root: Message | None) -> None:
    """Announce that a member types in their room, or in the thread of a root there; once in a while.

    Forbidden where they may not post, Conflict where nobody may reply; Throttled.
    """
    check_open(member.room)
    if root is not None:
        check_takes_replies(root)
    if not member.may_post:
        raise posting_restricted()
    root_id = None if root is None else root.pk
    if _is_heard(member) and may_announce(member.user_id, member.room_id, root_id, last_wrote_at=member.last_wrote_at):
        room_write_throttle.spend(None, member.room_id)
        typing = {**shown_typing(member, root_id), "expires_in": TYPING_SHOWN_SECONDS}
        log.emit_ephemeral([member.room.topic], "typing.started", typing, **_about(member, root))


def end_typing(member: Membership, root: Message | None) -> None:
    """Announce that a member types no longer, where it was announced that they do."""
    root_id = None if root is None else root.pk
    if _is_heard(member) and may_end(member.user_id, member.room_id, root_id):
        log.emit_ephemeral([member.room.topic], "typing.stopped", shown_typing(member, root_id), **_about(member, root))


def _is_heard(member: Membership) -> bool:
    return member.room.members_count <= LARGEST_TYPING_ROOM


def _about(member: Membership, root: Message | None) -> dict[str, Any]:
    return {"room_id": member.room_id, "about_seq": None if root is None else root.seq}
