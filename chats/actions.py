"""Every change to messages."""

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from chats.models import Message
from chats.serializers import shown_message, unnumbered_body
from chatserver.errors import Conflict, Forbidden, NotFound
from chatserver.events import log
from rooms.access import outsider_error
from rooms.models import Room
from users.models import User

SEND = "SELECT message_id, message_seq FROM chats_send(%s, %s, %s, %s, %s, %s, %s)"


def send_message(sender: User, room: Room, text: str, *, client_message_id: str | None = None) -> tuple[Message, bool]:
    """Say something in a room; whether that was news (False: the same client_message_id was sent before).

    One statement in its own transaction: it locks the room, takes the next seq, inserts the message and its event.
    NotFound or Forbidden where the sender is not in the room (any more) or the room is archived, Conflict where
    his client_message_id belongs to a message of another room.
    """
    message = Message(
        room=room,
        sender=sender,
        recipient_id=room.peer_of(sender.pk),
        text=text,
        sent_at=timezone.now(),
        client_message_id=client_message_id,
    )
    body = unnumbered_body(message)
    arguments = [room.pk, sender.pk, message.recipient_id, text, client_message_id, message.sent_at, body]
    try:
        with connection.cursor() as cursor:
            cursor.execute(SEND, arguments)
            message.pk, message.seq = cursor.fetchone()
    except IntegrityError:
        if client_message_id is None:
            raise
        return _sent_before(sender, room, client_message_id), False
    except DatabaseError as error:
        raise _translate(error, room) from error
    log.wake_after_commit()
    return message, True


def _translate(error: DatabaseError, room: Room) -> Exception:
    """What an error of chats_send means to the caller; the error itself where it means nothing to him."""
    match getattr(error.__cause__, "pgcode", None):
        case "CH001":
            return outsider_error(room.pk)
        case "CH002":
            return Forbidden("This room is archived.", code="room_archived")
    return error


def _sent_before(sender: User, room: Room, client_message_id: str) -> Message:
    """The message that this id was used for."""
    found = Message.objects.select_related("sender").filter(sender=sender, client_message_id=client_message_id).first()
    if found is None:
        raise NotFound("The sender or the room is gone.")
    if found.room_id != room.pk:
        raise Conflict("This client_message_id was used in another room.", code="client_message_id_used")
    return found


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
