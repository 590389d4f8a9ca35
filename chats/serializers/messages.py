"""Messages as JSON, the same in REST answers and in events, and the bodies that are accepted."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from rest_framework import serializers

from chats.access.reactions import reactions_to
from chats.access.threads import thread_totals_of
from chats.examples import EXAMPLE_MESSAGE, EXAMPLE_MESSAGE_PAGE
from chats.models import MAX_CLIENT_ID, MAX_TEXT, Message
from chats.records import MessageRecord
from chats.serializers.thread_totals import ThreadSerializer, shown_totals
from chatserver.events.log import encode
from chatserver.http.fields import IdField, MetadataField, TextField
from chatserver.http.openapi import says, shows
from chatserver.times import api_time
from users.models import User
from users.serializers.people import PersonSerializer, shown_person

# What chats_send_texts, chats_send_rich and chats_post_system determine under the room's lock.
SET_BY_DATABASE = {"id", "seq", "main_seq", "place", "thread_seq", "received_by"}


def shown_message(message: MessageRecord) -> dict[str, Any]:
    """A message as the API shows it. A removed one has an empty text."""
    return {
        "id": message.id,
        "seq": message.seq,
        "main_seq": message.main_seq,
        "place": message.place,
        "thread_seq": message.thread_seq,
        "received_by": message.recipient_id,
        "room_id": message.room_id,
        "parent_id": message.parent_id,
        "version": message.version,
        "sent_by": message.sender.id,
        "kind": "system" if message.is_system else "text",
        "message": "" if message.removed_at else message.text,
        "attachments": [],
        "sent_at": api_time(message.sent_at),
        "edited_at": api_time(message.edited_at),
        "client_message_id": message.client_message_id,
        "removed_at": api_time(message.removed_at),
        "pinned_at": api_time(message.pinned_at),
        "pinned_by": message.pinned_by_id,
        "mentions": [] if message.mentions is None else msgspec.json.decode(message.mentions),
        "metadata": {} if message.metadata is None else msgspec.json.decode(message.metadata),
        "sender": shown_person(message.sender),
    }


def shown_messages(user: User, messages: Sequence[MessageRecord]) -> Iterator[dict[str, Any]]:
    """Messages with reactions and threads, as one person sees them. Events tell of both by themselves."""
    reactions = reactions_to(user, messages)
    threads = thread_totals_of([message.id for message in messages if message.has_thread])
    for message in messages:
        thread = threads.get(message.id)
        shown_thread = None if thread is None else shown_totals(thread)
        yield shown_message(message) | {"reactions": reactions.get(message.id, []), "thread": shown_thread}


def unnumbered_body(message: MessageRecord) -> str:
    """The JSON of a message that is about to be inserted, without its opening brace and what the database determines.

    The function puts that in front, in the order of shown_message(): {"id":1,…,"received_by":2,<this>
    """
    shown = shown_message(message)
    return encode({name: value for name, value in shown.items() if name not in SET_BY_DATABASE})[1:]


def shown_page(messages: list[Message], *, number: int, size: int, count: int) -> dict[str, Any]:
    """Page `number` (from 1 on) of `count` messages, in the shape of the old ChatServer's list."""
    meta = {
        "count": count,
        "next": number + 1 if number * size < count else None,
        "current_page": str(number),
        "took": len(messages),
        "previous": number - 1 if number > 1 else None,
    }
    return {"meta": meta, "messages": [shown_message(message.record) for message in messages]}


class ReactionCountSerializer(serializers.Serializer[Any]):
    emoji = serializers.CharField()
    count = serializers.IntegerField()
    mine = serializers.BooleanField()


class MentionSerializer(serializers.Serializer[Any]):
    """A person, or the whole `room`, and where in the text: in code points, from the @ on."""

    user_id = serializers.IntegerField(required=False)
    room = serializers.BooleanField(required=False)
    start = serializers.IntegerField()
    end = serializers.IntegerField()


@shows(a_message=EXAMPLE_MESSAGE)
class MessageSerializer(serializers.Serializer[Message]):
    """The schema of shown_message()."""

    id = serializers.IntegerField(read_only=True)
    room_id = serializers.IntegerField(read_only=True)
    seq = serializers.IntegerField(read_only=True)
    # The log keeps events of the release before, which have neither this nor version and edited_at.
    main_seq = serializers.IntegerField(
        required=False, help_text="how many texts up to this one are no replies: unread are counted in these"
    )
    # Nor have they this one.
    place = serializers.IntegerField(
        required=False,
        help_text="its number in the history of the room, which has no gaps; a reply's is that before it",
    )
    thread_seq = serializers.IntegerField(
        required=False, allow_null=True, help_text="of a reply: its place in the thread"
    )
    parent_id = serializers.IntegerField(
        required=False, allow_null=True, help_text="of a reply: the root of the thread"
    )
    version = serializers.IntegerField(required=False, help_text="rises with each change: keep the highest")
    sent_by = serializers.IntegerField(read_only=True)
    received_by = serializers.IntegerField(read_only=True, allow_null=True)
    # The log keeps events of the release before, which have neither this nor the attachments.
    kind = serializers.ChoiceField(
        ["text", "system"], required=False, help_text="system: says what its sender did in the room"
    )
    message = serializers.CharField(read_only=True)
    attachments = serializers.ListField(child=serializers.DictField(), required=False, help_text="empty so far")
    sent_at = serializers.DateTimeField(read_only=True)
    edited_at = serializers.DateTimeField(required=False, allow_null=True)
    client_message_id = serializers.CharField(read_only=True, allow_null=True)
    removed_at = serializers.DateTimeField(read_only=True, allow_null=True)
    # Nor have they these two.
    pinned_at = serializers.DateTimeField(required=False, allow_null=True)
    pinned_by = serializers.IntegerField(required=False, allow_null=True)
    sender = PersonSerializer(read_only=True)
    mentions = MentionSerializer(many=True, required=False)
    metadata = MetadataField(required=False, help_text="what its sender put there; of a system message, what happened")
    reactions = ReactionCountSerializer(
        many=True, required=False, help_text="in histories and of single messages; the most frequent first"
    )
    thread = ThreadSerializer(
        required=False, allow_null=True, help_text="where the reactions are; null without replies"
    )


@shows(
    to_a_room={"room_id": 3, "message": "hai"},
    to_a_person={"user_id": 2, "message": "hai"},
    a_reply={"room_id": 3, "message": "hai", "parent_id": 12, "metadata": {"order": 551}},
)
@says(
    {
        "if": {"required": ["user_id"]},
        "then": {"properties": {"room_id": False}},
        "else": {"required": ["room_id"]},
    }
)
class NewMessageSerializer(serializers.Serializer[Any]):
    """`user_id` or `room_id`, and the text."""

    user_id = IdField(required=False)
    room_id = IdField(least=0, required=False)
    message = TextField(max_length=MAX_TEXT)
    parent_id = IdField(required=False, allow_null=True)
    metadata = MetadataField(required=False, allow_null=True)
    client_message_id = TextField(max_length=MAX_CLIENT_ID, required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("user_id" in attrs) == ("room_id" in attrs):
            raise serializers.ValidationError({"room_id": "Name either a user_id or a room_id."})
        if attrs.get("metadata") == "{}":
            attrs["metadata"] = None
        return attrs


@shows(an_edit={"message": "hai, all", "version": 1})
class MessageEditSerializer(serializers.Serializer[Any]):
    """The new text, and, to overwrite nobody's other edit, the version that it is an edit of."""

    message = TextField(max_length=MAX_TEXT)
    version = IdField(required=False, allow_null=True)


class PageMetaSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.IntegerField(allow_null=True)
    current_page = serializers.CharField()
    took = serializers.IntegerField(help_text="messages on this page")
    previous = serializers.IntegerField(allow_null=True)


@shows(the_first_page=EXAMPLE_MESSAGE_PAGE)
class MessagePageSerializer(serializers.Serializer[Any]):
    """The schema of shown_page()."""

    meta = PageMetaSerializer()
    messages = MessageSerializer(many=True)
