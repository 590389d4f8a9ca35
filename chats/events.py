"""The types of events about messages, read markers and typing."""

from chats.examples import (
    EXAMPLE_FOLLOWED,
    EXAMPLE_MESSAGE,
    EXAMPLE_MOVED_MARKER,
    EXAMPLE_NOTIFICATION,
    EXAMPLE_REACTION_CHANGE,
)
from chats.serializers.messages import MessageSerializer
from chats.serializers.notifications import NotificationSerializer
from chats.serializers.reactions import ReactionChangeSerializer
from chats.serializers.read_markers import MovedReadMarkerSerializer
from chats.serializers.threads import FollowingSerializer
from chats.serializers.typing import EXAMPLE_TYPING, EndedTypingSerializer, TypingSerializer
from chats.typing_pauses import TYPING_SHOWN_SECONDS
from chatserver.events.catalogue import EventType, register
from rooms.events import ROOM_TOPIC

# Beside the data of a reply: the new totals of its thread.
THREAD_OF_REPLY = {
    "thread": {
        "type": "object",
        "required": ["root_id", "reply_count", "last_seq", "last_reply_at", "participants"],
        "properties": {
            "root_id": {"type": "integer"},
            "reply_count": {"type": "integer"},
            "last_seq": {"type": "integer"},
            "last_reply_at": {"type": ["string", "null"], "format": "date-time"},
            "participants": {"type": "array", "items": {"$ref": "#/components/schemas/Person"}},
        },
    }
}

register(
    EventType(
        name="message.created",
        summary="A message was posted.",
        topics=(ROOM_TOPIC,),
        heard_by="the room",
        data=MessageSerializer,
        example=EXAMPLE_MESSAGE,
        since="1.0.0",
        beside=THREAD_OF_REPLY,
    ),
    EventType(
        name="message.updated",
        summary="A message was edited, pinned or unpinned. Earlier events of it have a new text, too.",
        topics=(ROOM_TOPIC,),
        heard_by="the room",
        data=MessageSerializer,
        example=EXAMPLE_MESSAGE | {"message": "hai, all", "version": 2, "edited_at": "2026-11-22T13:34:24Z"},
        since="1.1.0",
    ),
    EventType(
        name="message.deleted",
        summary="A message was removed: its place stays, its text is gone and `removed_at` is set.",
        topics=(ROOM_TOPIC,),
        heard_by="the room",
        data=MessageSerializer,
        example=EXAMPLE_MESSAGE | {"message": "", "version": 2, "removed_at": "2026-11-22T13:33:24Z"},
        since="1.0.0",
        beside=THREAD_OF_REPLY,
    ),
    EventType(
        name="thread.updated",
        summary="I follow a thread, or no longer, or have read it further, other than by replying.",
        topics=("user:<user_id>",),
        heard_by="only one's own devices",
        data=FollowingSerializer,
        example=EXAMPLE_FOLLOWED,
        since="1.1.0",
    ),
    EventType(
        name="notification.due",
        summary="A message has been unread for 15 s by people who should be told of it.",
        topics=("notifications",),
        heard_by="webhooks and the whole log alone",
        data=NotificationSerializer,
        example=EXAMPLE_NOTIFICATION,
        since="1.1.0",
    ),
    EventType(
        name="read.updated",
        summary="A read marker moved, other than by sending a message.",
        topics=(ROOM_TOPIC, "user:<user_id>"),
        heard_by="both people of a direct room; in other rooms, and where it moved back, only one's own devices",
        data=MovedReadMarkerSerializer,
        example=EXAMPLE_MOVED_MARKER,
        since="1.0.0",
    ),
    *(
        EventType(
            name=name,
            summary=summary,
            topics=(ROOM_TOPIC,),
            heard_by="the room",
            data=ReactionChangeSerializer,
            example=EXAMPLE_REACTION_CHANGE,
            since="1.1.0",
        )
        for name, summary in (
            ("reaction.added", "Somebody reacted to a message."),
            (
                "reaction.removed",
                "Somebody took their reaction back. A message that is removed loses all, without these.",
            ),
        )
    ),
    EventType(
        name="typing.started",
        summary="A person types in a room or a thread; show it for `expires_in` seconds, or until they post there.",
        topics=(ROOM_TOPIC,),
        heard_by="who is in the room now, where these are at most 200",
        data=TypingSerializer,
        example={**EXAMPLE_TYPING, "expires_in": TYPING_SHOWN_SECONDS},
        since="1.0.0",
        is_stored=False,
    ),
    EventType(
        name="typing.stopped",
        summary="A person types there no longer.",
        topics=(ROOM_TOPIC,),
        heard_by="who is in the room now, where these are at most 200",
        data=EndedTypingSerializer,
        example=EXAMPLE_TYPING,
        since="1.1.0",
        is_stored=False,
    ),
)
