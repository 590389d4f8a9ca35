"""Every change to messages."""

from collections.abc import Sequence

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg2 import errorcodes

from chats.models import Message
from chats.serializers import shown_message, unnumbered_body
from chatserver.concurrency import cooperative
from chatserver.concurrency.batching import Joiner
from chatserver.errors import Conflict, Forbidden, Unavailable
from chatserver.events import log
from rooms.access import room_for
from rooms.models import Room
from users.models import User

SEND = "SELECT place, message_id, message_seq, recipient_id FROM chats_send_all(%s, %s, %s, %s, %s, %s, %s)"
MAX_JOINED = 100
# How long messages for several rooms wait for the lock of one of them, before each goes its own way.
JOINED_LOCK_MILLISECONDS = 500
UNDONE = {
    errorcodes.UNIQUE_VIOLATION,
    errorcodes.FOREIGN_KEY_VIOLATION,
    errorcodes.LOCK_NOT_AVAILABLE,
    errorcodes.DEADLOCK_DETECTED,
}


def send_message(sender: User, room: Room, text: str, *, client_message_id: str | None = None) -> tuple[Message, bool]:
    """Say something in a room, of which no more than the id is used; whether that was news.

    It is none (False) where the sender sent the same client_message_id before. NotFound or Forbidden where he is not in
    the room or the room is archived, Conflict where his client_message_id belongs to a message of another room.
    """
    message = Message(
        room_id=room.pk, sender=sender, text=text, sent_at=timezone.now(), client_message_id=client_message_id
    )
    # A caller's own transaction is his alone. Otherwise messages that come at the same time share one.
    if connection.in_atomic_block or not _joiner.ask(message):
        cooperative.leave()
        _insert_alone(message)
    if message.pk is None:
        return _sent_before(message), False
    log.wake_after_commit()
    return message, True


def insert_messages(messages: Sequence[Message], *, lock_milliseconds: int = 0) -> None:
    """Insert messages with their events, in one statement; those that may be sent get their id, seq and recipient.

    The others are left without an id. 0 waits for the rooms' locks as long as it takes.
    """
    columns = (
        [message.room_id for message in messages],
        [message.sender_id for message in messages],
        [message.text for message in messages],
        [message.client_message_id for message in messages],
        [message.sent_at for message in messages],
        [unnumbered_body(message) for message in messages],
    )
    with connection.cursor() as cursor:
        cursor.execute(SEND, [*columns, lock_milliseconds])
        for place, message_id, seq, recipient_id in cursor.fetchall():
            message = messages[place - 1]
            message.pk, message.seq, message.recipient_id = message_id, seq, recipient_id


def _insert_joined(messages: Sequence[Message]) -> list[bool]:
    """Insert the messages of several callers; False tells each to insert his own, so that one harms no other."""
    try:
        insert_messages(messages, lock_milliseconds=JOINED_LOCK_MILLISECONDS)
    except (IntegrityError, OperationalError) as error:
        # Only what PostgreSQL surely undid: a client id sent twice at once, a room that is locked, a deadlock.
        if getattr(error.__cause__, "pgcode", None) not in UNDONE:
            raise
        return [False] * len(messages)
    return [True] * len(messages)


_joiner = Joiner(_insert_joined, MAX_JOINED)


def _insert_alone(message: Message) -> None:
    """Insert one message; without an id it is left also where its client id was used elsewhere at this moment."""
    try:
        insert_messages([message])
    except IntegrityError as error:
        # A room's lock does not keep two rooms from being sent the same client id.
        if getattr(error.__cause__, "pgcode", None) != errorcodes.UNIQUE_VIOLATION:
            raise


def _sent_before(message: Message) -> Message:
    """The message that this one repeats. Raises why it can't be sent where it repeats none."""
    room = room_for(message.sender, message.room_id)
    if message.client_message_id is not None:
        mine = Message.objects.select_related("sender").filter(sender=message.sender)
        found = mine.filter(client_message_id=message.client_message_id).first()
        if found is not None and found.room_id != room.pk:
            raise Conflict("This client_message_id was used in another room.", code="client_message_id_used")
        if found is not None:
            return found
    if room.archived_at is not None:
        raise Forbidden("This room is archived.", code="room_archived")
    raise Unavailable("The room changed at this moment; try again.")


@transaction.atomic
def remove_message(message: Message, *, actor: User) -> Message:
    """Take a message's text away, for good and in the log too. Its place stays. A removed one is left as it is."""
    room = Room.objects.select_for_update().get(pk=message.room_id)
    message = Message.objects.select_for_update(of=("self",)).select_related("sender").get(pk=message.pk)
    if message.removed_at is None:
        message.text = ""
        message.removed_at = timezone.now()
        message.save(update_fields=["text", "removed_at"])
        log.redact(room.topic, "message.created", message.sent_at, f'{{"id":{message.pk},', shown_message(message))
        log.emit(room.topic, "message.deleted", shown_message(message), actor_id=actor.pk, room_id=room.pk)
    return message
