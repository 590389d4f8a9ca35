"""Who has read a message. In large rooms it would be a list of names that nobody reads, and is not told."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from chats.models import Message, ThreadMember
from chatserver.errors import Forbidden
from rooms.access.members import members_of
from rooms.models import Membership

MAX_MEMBERS_OF_READ_ROOM = 100


def readers_of(message: Message) -> QuerySet[Membership]:
    """The memberships of those who have read a message, and did not send it. Needs the room.

    Who marked it as unread has. Who joined after it was sent starts with a marker behind it, and is not counted. A
    reply is read in its thread, by those who follow it or did.

    Forbidden in rooms of more than MAX_MEMBERS_OF_READ_ROOM.
    """
    if message.room.members_count > MAX_MEMBERS_OF_READ_ROOM:
        raise Forbidden(
            f"Readers are told in rooms of up to {MAX_MEMBERS_OF_READ_ROOM} members.", code="too_many_members"
        )
    members = members_of(message.room).exclude(user=message.sender_id).filter(joined_at__lte=message.sent_at)
    if message.parent_id is None:
        return members.filter(Q(read_seq__gte=message.seq) | Q(shown_seq__gte=message.seq))
    in_thread = ThreadMember.objects.filter(
        thread=message.parent_id, user=OuterRef("user"), read_seq__gte=message.thread_seq
    )
    return members.filter(Exists(in_thread))
