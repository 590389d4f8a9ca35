"""The types of events about messages."""

from chats.examples import EXAMPLE_MESSAGE
from chats.serializers import MessageSerializer
from chatserver.events.catalogue import EventType, register
from rooms.events import ROOM_TOPIC

register(
    EventType(
        name="message.created",
        summary="A message was posted.",
        topics=(ROOM_TOPIC,),
        heard_by="the room",
        data=MessageSerializer,
        example=EXAMPLE_MESSAGE,
        since="1.0.0",
    ),
    EventType(
        name="message.deleted",
        summary="A message was removed: its place stays, its text is gone and `removed_at` is set.",
        topics=(ROOM_TOPIC,),
        heard_by="the room",
        data=MessageSerializer,
        example=EXAMPLE_MESSAGE | {"message": "", "removed_at": "2026-11-22T13:33:24Z"},
        since="1.0.0",
    ),
)
