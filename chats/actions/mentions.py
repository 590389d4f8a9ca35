"""The mentions of a message are replaced when it is edited."""

import msgspec

from chats.models import Mention, Message, Thread, ThreadMember
from rooms.models import Membership


def replace_mentions(message: Message, found: str | None) -> list[ThreadMember]:
    """Give a message other mentions, and write its rows anew; returns what those have who follow its thread by that.

    The caller saves it, and tells them. (When sent: chats_send_rich.sql.) Needs the parent.
    """
    if message.mentions is not None:
        Mention.objects.filter(message=message).delete()
    message.mentions = found
    if found is None:
        return []
    mentions = msgspec.json.decode(found)
    ids = {mention["user_id"] for mention in mentions if "user_id" in mention} - {message.sender_id}
    members = Membership.objects.filter(room=message.room_id, user__in=ids, visible_from_seq__lte=message.about_seq)
    people = list(members.order_by("user_id").values_list("user_id", flat=True))
    everybody = [None] if any("room" in mention for mention in mentions) else []
    place = {"room_id": message.room_id, "seq": message.seq, "thread_seq": message.thread_seq}
    rows = [Mention(message=message, user_id=user_id, **place) for user_id in [*people, *everybody]]
    Mention.objects.bulk_create(rows)
    return [] if message.parent_id is None else _follow(message, people)


def _follow(reply: Message, people: list[int]) -> list[ThreadMember]:
    """Those who are mentioned in a reply follow its thread. Returns what they have who did not before."""
    if not people:
        return []
    # As replies do, which lock people's rows of the thread in another order.
    thread = Thread.objects.select_for_update(no_key=True).get(pk=reply.parent_id)
    read_seq = (reply.thread_seq or 1) - 1  # as where the reply was sent so
    nothing = {"thread": thread, "is_following": False, "read_seq": read_seq}
    # Who follows or reads the thread at this moment locks their row alone, which may be there by now.
    ThreadMember.objects.bulk_create([ThreadMember(user_id=pk, **nothing) for pk in people], ignore_conflicts=True)
    rows = ThreadMember.objects.select_for_update(no_key=True).filter(thread=thread, user__in=people)
    new = [member for member in rows.order_by("user_id") if not member.is_following]
    for member in new:
        member.is_following = True
        member.save(update_fields=["is_following"])
    return new
