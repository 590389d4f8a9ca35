"""Messages are sent."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg2 import errorcodes

from chats.access.mentions import mentions_in
from chats.access.message_rules import check_may_post, check_takes_replies
from chats.access.messages import visible_messages
from chats.models import Message
from chats.serializers.messages import unnumbered_body
from chatserver.concurrency.batching import ThreadBatcher
from chatserver.errors import Busy, Conflict, Invalid, NotFound, Throttled, Unavailable
from chatserver.events import log
from chatserver.events.log import encode
from chatserver.http.json import canonical_json
from chatserver.storage.errors import LOCK_ERRORS, sql_state
from chatserver.storage.postgres.base import LOCK_SECONDS
from chatserver.storage.rows import one_or_none
from rooms.access.rooms import find_direct_room, room_for
from rooms.access.rules import check_open
from rooms.actions.rooms import open_direct_room
from rooms.limits import room_write_throttle
from users.locking import right_ended
from users.models import User

# In the order of the rooms, which is that of their locks.
SEND_RICH = """
SELECT a.place, s.* FROM unnest(
    %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::jsonb[]
) WITH ORDINALITY AS a (room_id, sender_id, text, client_id, at, body, more, place),
    LATERAL chats_send_rich(a.room_id, a.sender_id, a.text, a.client_id, a.at, a.body, a.more, %s) s
"""
SEND = "SELECT *, NULL FROM chats_send_texts(%s, %s, %s, %s, %s, %s, %s)"
MAX_SEND_BATCH = 100
# How long a message waits for the lock of its room: in the caller's own transaction; in a batch, which other rooms
# share; and once a batch has waited in vain.
OWN_LOCK_MILLISECONDS = LOCK_SECONDS * 1000
BATCH_LOCK_MILLISECONDS = 250
RETRY_LOCK_MILLISECONDS = 50
# After these PostgreSQL has surely undone the statement.
UNDONE_ERRORS = {*LOCK_ERRORS, errorcodes.UNIQUE_VIOLATION, errorcodes.FOREIGN_KEY_VIOLATION}


def send_message(sender: User, room_id: int, text: str, **fields: Any) -> tuple[Message, bool]:
    """Post a message to a room; returns (message, created). `fields`: `client_message_id`, `parent_id`, `metadata`.

    created is False where the sender posted the same message before, with this client_message_id. NotFound or Forbidden
    where the sender is not in the room, the parent is not there, or the room is archived; Invalid where the parent is a
    reply; Conflict where it was removed or is a system message, or the client_message_id belongs to another message
    (another room or content); Busy where the lock of the room was not had in time, Throttled where too much is written
    there; check_may_post() says what its settings refuse.
    """
    _count_write(sender, room_id)
    mentions = mentions_in(room_id, text)
    message = Message(room_id=room_id, sender=sender, text=text, sent_at=timezone.now(), mentions=mentions, **fields)
    if connection.in_atomic_block:
        insert_messages([message], lock_milliseconds=OWN_LOCK_MILLISECONDS)
    else:
        (_send_batcher if message.is_plain else _rich_batcher).call(message)
    if message.pk is None:
        room_write_throttle.give_back(room_id)
        return _sent_before(message), False
    log.wake_after_commit()
    return message, True


def send_direct_message(sender: User, recipient: User, text: str, **fields: Any) -> tuple[Message, bool]:
    """send_message() to the direct room of these two. It is created with its first message, or not at all."""
    room = find_direct_room(sender, recipient)
    if room is not None:
        return send_message(sender, room.pk, text, **fields)
    try:
        with transaction.atomic():
            room, _ = open_direct_room(sender, recipient)
            return send_message(sender, room.pk, text, **fields)
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

    Either all of them are plain, or none. Those that may not be sent are left without an id. OperationalError
    (LOCK_ERRORS) where the lock of a room was not had in time.
    """
    if not messages[0].is_plain:
        messages = sorted(messages, key=lambda message: message.room_id)
    columns = (
        [message.room_id for message in messages],
        [message.sender_id for message in messages],
        [message.text for message in messages],
        [message.client_message_id for message in messages],
        [message.sent_at for message in messages],
        [unnumbered_body(message.record) for message in messages],
    )
    with connection.cursor() as cursor:
        if messages[0].is_plain:
            cursor.execute(SEND, [*columns, lock_milliseconds])
        else:
            more = [
                encode({name: getattr(message, name) for name in ("parent_id", "metadata", "mentions")})
                for message in messages
            ]
            cursor.execute(SEND_RICH, [*columns, more, lock_milliseconds])
        for number, *found in cursor.fetchall():
            message = messages[number - 1]
            message.pk, message.seq, message.recipient_id, *so_far, message.thread_seq = found
            message.replies_so_far, message.system_so_far = so_far


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
_rich_batcher = ThreadBatcher(_insert_batch, MAX_SEND_BATCH)


def id_used() -> Conflict:
    return Conflict("This client_message_id was used for another message.", code="client_message_id_used")


def _sent_before(message: Message) -> Message:
    """The message that this one repeats. Where it repeats none: raises why it was not sent."""
    room = room_for(message.sender, message.room_id)
    if message.client_message_id is not None:
        mine = {"sender": message.sender, "client_message_id": message.client_message_id}
        found = one_or_none(visible_messages(message.sender).select_related("sender").filter(**mine, room=room))
        if found is not None:
            # Of a removed or an edited message nobody knows the first text any more.
            is_as_sent = found.removed_at is None and found.edited_at is None
            if found.parent_id != message.parent_id or (is_as_sent and _content(found) != _content(message)):
                raise id_used()
            return found
        if Message.objects.filter(**mine).exists():  # in another room, or from before they joined this one anew
            raise id_used()
    check_open(room)
    if not User.objects.filter(pk=message.sender_id, is_active=True).exists():
        raise right_ended()
    check_may_post(message, room)
    _check_parent(message)
    raise Unavailable("The room changed at this moment; try again.")


def _content(message: Message) -> tuple[str, str | None]:
    """The text and the metadata, regardless of the order of its names."""
    return message.text, None if message.metadata is None else canonical_json(message.metadata)


def _check_parent(message: Message) -> None:
    """Raise why a message can't be a reply to its parent."""
    if message.parent_id is None:
        return
    parent = one_or_none(visible_messages(message.sender).filter(pk=message.parent_id, room=message.room_id))
    if parent is None:
        raise NotFound("There is no such message in this room.", code="message_not_found", field="parent_id")
    if parent.parent_id is not None:
        raise Invalid("This is a reply itself. Reply to the root of its thread.", field="parent_id")
    check_takes_replies(parent)
