"""Which messages a person may see: those of the rooms that he is in."""

from collections.abc import Iterable

from django.db.models import QuerySet

from chats.models import Message
from chatserver.errors import NotFound
from chatserver.paging import Cursor
from rooms.models import Room
from users.models import User

# A page by number costs as much as it lies deep; past this one pages by key.
DEEPEST_ROW = 10_000
# As text: pages are read all the time, and Django would take longer to compose these than PostgreSQL to answer.
BETWEEN = "SELECT * FROM chats_message WHERE room_id = %s AND seq > %s AND seq <= %s ORDER BY seq"
NEWEST = (
    "SELECT m.* FROM unnest(%s::bigint[], %s::bigint[]) AS wanted(room_id, seq) "
    "JOIN chats_message m USING (room_id, seq)"
)
PEOPLE = "SELECT * FROM users_user WHERE id = ANY(%s)"


def history_page(room: Room, cursor: Cursor) -> tuple[list[Message], int | None, int | None]:
    """Messages of a room, oldest first, and the ids to go on with: after the newest, before the oldest."""
    if cursor.side is None:
        first = room.last_seq - cursor.limit
    else:
        key = _seq_of(room, cursor.key)
        first = {"after": key, "before": key - 1 - cursor.limit, "around": key - 1 - cursor.limit // 2}[cursor.side]
    first = max(first, 0)
    last = key - 1 if cursor.side == "before" else first + cursor.limit
    found = with_senders(Message.objects.raw(BETWEEN, [room.pk, first, last]))
    if not found:
        return [], None, None
    following = found[-1].pk if found[-1].seq < room.last_seq else None
    return found, following, found[0].pk if found[0].seq > 1 else None


def _seq_of(room: Room, message_id: int) -> int:
    """Where in the room a message stands. 0 is before the first; NotFound for a message of another room."""
    if message_id == 0:
        return 0
    seq = Message.objects.filter(pk=message_id, room=room).values_list("seq", flat=True).first()
    if seq is None:
        raise NotFound("There is no such message in this room.", code="message_not_found")
    return seq


def received_by(user: User, sender_id: int | None) -> QuerySet[Message]:
    """The messages sent to a person in direct rooms, newest first, of one sender if given."""
    messages = Message.objects.filter(recipient=user).select_related("sender").order_by("-id")
    return messages if sender_id is None else messages.filter(sender_id=sender_id)


def latest_in(room: Room) -> QuerySet[Message]:
    """A room's messages, newest first."""
    return Message.objects.filter(room=room).select_related("sender").order_by("-seq")


def last_messages(rooms: list[Room]) -> dict[int, Message]:
    """The newest message of each room, by room id, in one query."""
    if not rooms:
        return {}
    wanted = [[room.pk for room in rooms], [room.last_seq for room in rooms]]
    return {message.room_id: message for message in with_senders(Message.objects.raw(NEWEST, wanted))}


def with_senders(messages: Iterable[Message]) -> list[Message]:
    """The messages with their senders, each person fetched and made once."""
    found = list(messages)
    senders = {message.sender_id for message in found}
    people = {user.pk: user for user in User.objects.raw(PEOPLE, [list(senders)])} if found else {}
    for message in found:
        message.sender = people[message.sender_id]
    return found
