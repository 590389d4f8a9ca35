"""The types of events about messages."""

from chats.serializers import MessageSerializer
from chatserver.events.catalogue import EXAMPLE_ROOM_ID, EventType, register
from rooms.events import ROOM_TOPIC
from users.events import EXAMPLE_PERSON

MESSAGE = {
    "id": 12,
    "seq": 4,
    "received_by": None,
    "room_id": EXAMPLE_ROOM_ID,
    "sent_by": 1,
    "message": "hai",
    "sent_at": "2026-11-22T13:33:24Z",
    "client_message_id": None,
    "removed_at": None,
    "sender": EXAMPLE_PERSON,
}

register(
    EventType(
        name="message.created",
        summary="A message was posted.",
        topics=(ROOM_TOPIC,),
        heard_by="the room",
        data=MessageSerializer,
        example=MESSAGE,
        since="1.0.0",
    ),
    EventType(
        name="message.deleted",
        summary="A message was removed: its place stays, its text is gone and `removed_at` is set.",
        topics=(ROOM_TOPIC,),
        heard_by="the room",
        data=MessageSerializer,
        example=MESSAGE | {"message": "", "removed_at": "2026-11-22T13:33:24Z"},
        since="1.0.0",
    ),
)
