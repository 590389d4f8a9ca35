"""Messages are sent."""

from collections.abc import Sequence

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg2 import errorcodes

from chats.models import Message
from chats.room_rules import check_may_post
from chats.serializers import unnumbered_body
from chatserver.concurrency.batching import ThreadBatcher
from chatserver.errors import Busy, Conflict, Throttled, Unauthorized, Unavailable
from chatserver.events import log
from chatserver.storage.errors import LOCK_ERRORS, sql_state
from chatserver.storage.postgres.base import LOCK_SECONDS
from rooms.access import check_open, find_direct_room, room_for
from rooms.actions import open_direct_room
from rooms.limits import room_write_throttle
from users.models import User

SEND = "SELECT place, message_id, message_seq, recipient_id FROM chats_send_all(%s, %s, %s, %s, %s, %s, %s)"
MAX_SEND_BATCH = 100
# How long a message waits for the lock of its room: in the caller's own transaction; in a batch, which other rooms
# share; and once a batch has waited in vain.
OWN_LOCK_MILLISECONDS = LOCK_SECONDS * 1000
BATCH_LOCK_MILLISECONDS = 250
RETRY_LOCK_MILLISECONDS = 50
# After these PostgreSQL has surely undone the statement.
UNDONE_ERRORS = {*LOCK_ERRORS, errorcodes.UNIQUE_VIOLATION, errorcodes.FOREIGN_KEY_VIOLATION}


def send_message(
    sender: User, room_id: int, text: str, *, client_message_id: str | None = None
) -> tuple[Message, bool]:
    """Post a message to a room; returns (message, created).

    created is False where the sender posted the same message before, with this client_message_id. NotFound or Forbidden
    where the sender is not in the room or the room is archived, Conflict where the client_message_id belongs to another
    message (another room or text), Busy where the room's lock was not had in time, Throttled where too much is written
    in the room; check_may_post() says what its settings refuse.
    """
    _count_write(sender, room_id)
    message = Message(
        room_id=room_id, sender=sender, text=text, sent_at=timezone.now(), client_message_id=client_message_id
    )
    if connection.in_atomic_block:
        insert_messages([message], lock_milliseconds=OWN_LOCK_MILLISECONDS)
    else:
        _send_batcher.call(message)
    if message.pk is None:
        room_write_throttle.give_back(room_id)
        return _sent_before(message), False
    log.wake_after_commit()
    return message, True


def send_direct_message(
    sender: User, recipient: User, text: str, *, client_message_id: str | None = None
) -> tuple[Message, bool]:
    """send_message() to the direct room of these two. It is created with its first message, or not at all."""
    room = find_direct_room(sender, recipient)
    if room is not None:
        return send_message(sender, room.pk, text, client_message_id=client_message_id)
    try:
        with transaction.atomic():
            room, _ = open_direct_room(sender, recipient)
            return send_message(sender, room.pk, text, client_message_id=client_message_id)
    except IntegrityError as error:
        if sql_state(error) != errorcodes.UNIQUE_VIOLATION:
            raise
        raise id_used() from error  # by a message to another room, at this moment


def _count_write(sender: User, room_id: int) -> None:
    try:
        room_write_throttle.spend(None, room_id)
    except Throttled:
        room_for(sender, room_id)  # those who are not in it do not learn that it is busy
        raise


def insert_messages(messages: Sequence[Message], *, lock_milliseconds: int) -> None:
    """Insert messages with their events, in one statement; those that may be sent get their id, seq and recipient.

    The others are left without an id. OperationalError (LOCK_ERRORS) where the lock of a room was not had in time.
    """
    columns = (
        [message.room_id for message in messages],
        [message.sender_id for message in messages],
        [message.text for message in messages],
        [message.client_message_id for message in messages],
        [message.sent_at for message in messages],
        [unnumbered_body(message.record) for message in messages],
    )
    with connection.cursor() as cursor:
        cursor.execute(SEND, [*columns, lock_milliseconds])
        for place, message_id, seq, recipient_id in cursor.fetchall():
            message = messages[place - 1]
            message.pk, message.seq, message.recipient_id = message_id, seq, recipient_id


def _insert_batch(messages: Sequence[Message]) -> Sequence[Exception | None]:
    """Insert the messages of several callers; returns each one's error, or None."""
    try:
        insert_messages(messages, lock_milliseconds=BATCH_LOCK_MILLISECONDS)
    except (IntegrityError, OperationalError) as error:
        if sql_state(error) not in UNDONE_ERRORS:
            raise
        locked_rooms: set[int] = set()
        return [_insert_again(message, locked_rooms) for message in messages]
    return [None] * len(messages)


def _insert_again(message: Message, locked_rooms: set[int]) -> Exception | None:
    """Insert one message of a batch that was undone, so that none fails for another's fault."""
    if message.room_id not in locked_rooms:
        try:
            insert_messages([message], lock_milliseconds=RETRY_LOCK_MILLISECONDS)
        except (IntegrityError, OperationalError) as error:
            if sql_state(error) == errorcodes.UNIQUE_VIOLATION:
                # The same client_message_id was posted twice at once. Left without an id, like a repeated one.
                return None
            if sql_state(error) not in LOCK_ERRORS:
                return error
            locked_rooms.add(message.room_id)
        else:
            return None
    return Busy()


_send_batcher = ThreadBatcher(_insert_batch, MAX_SEND_BATCH)


def id_used() -> Conflict:
    return Conflict("This client_message_id was used for another message.", code="client_message_id_used")


def _sent_before(message: Message) -> Message:
    """The message that this one repeats. Where it repeats none: raises why it was not sent."""
    room = room_for(message.sender, message.room_id)
    if message.client_message_id is not None:
        mine = Message.objects.select_related("sender").filter(sender=message.sender)
        found = mine.filter(client_message_id=message.client_message_id).first()
        if found is not None:
            # Of a removed or an edited message nobody knows the first text any more.
            is_as_sent = found.removed_at is None and found.edited_at is None
            if found.room_id != room.pk or (is_as_sent and found.text != message.text):
                raise id_used()
            return found
    check_open(room)
    if not User.objects.filter(pk=message.sender_id, is_active=True).exists():
        raise Unauthorized("This right has just ended.")
    check_may_post(message, room)
    raise Unavailable("The room changed at this moment; try again.")
