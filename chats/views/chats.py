"""Messages in the shapes of the old ChatServer, over HTTP."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chats.access.messages import DEEPEST_ROW, latest_messages, received_messages, recipient_for
from chats.actions.messages import send_direct_message, send_message
from chats.models import MAX_CLIENT_ID, MAX_TEXT, Message
from chats.serializers.messages import (
    MessagePageSerializer,
    MessageSerializer,
    NewMessageSerializer,
    shown_message,
    shown_page,
)
from chatserver.errors import Invalid, NotFound
from chatserver.http.bodies import validated
from chatserver.http.body_limits import accepts_texts
from chatserver.http.cooperative_routes import runs_cooperatively
from chatserver.http.fields import MAX_METADATA_BYTES
from chatserver.http.openapi import query_number
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import ALL, OWN, outsiders_get
from chatserver.http.parameters import whole_number
from rooms.access.rooms import membership_for
from users.access.people import caller

LARGEST_CHAT_PAGE = 100


class ChatViewSet(viewsets.ViewSet):
    """Messages, in the shapes of the old ChatServer."""

    key_scope = "messages"

    @outsiders_get(OWN)
    @extend_schema(
        parameters=[
            query_number("page", "from 1 on", least=1, default=1),
            query_number("page_size", "messages on a page", least=1, maximum=LARGEST_CHAT_PAGE, default=10),
            query_number("user_id", "of one sender; not with room_id"),
            query_number("room_id", "the messages of a room of mine"),
        ],
        responses=MessagePageSerializer,
    )
    @refuses("not_found", "page_not_found", "not_a_member")
    def list(self, request: Request) -> Response:
        """Messages sent to me in direct rooms, newest first. With `room_id` those of one room."""
        number = whole_number(request.query_params.get("page", 1), "page", least=1)
        size = whole_number(request.query_params.get("page_size", 10), "page_size", least=1, most=LARGEST_CHAT_PAGE)
        first = (number - 1) * size
        if first > DEEPEST_ROW:
            raise Invalid(f"Pages go {DEEPEST_ROW} messages deep; use the room's key-paged list.", field="page")
        messages, known = self._messages(request)
        count = messages.count() if known is None else known
        if first >= count and number > 1:
            raise NotFound("There is no such page.", code="page_not_found")
        found = list(messages[first : first + size])
        return Response(shown_page(found, number=number, size=size, count=count))

    def _messages(self, request: Request) -> tuple[QuerySet[Message], int | None]:
        """The messages that the query asks for, and how many they are; None if they have to be counted."""
        if {"room_id", "user_id"} <= set(request.query_params):
            raise Invalid("Use either user_id or room_id.", field="user_id")
        if "room_id" in request.query_params:
            room_id = whole_number(request.query_params["room_id"], "room_id")
            member = membership_for(caller(request), room_id)
            known = member.room.last_seq - member.room.system_count
            return latest_messages(member), None if member.visible_from_seq else known
        sender_id = request.query_params.get("user_id")
        sender = None if sender_id is None else whole_number(sender_id, "user_id")
        return received_messages(caller(request), sender), None

    @outsiders_get(("not_found", "user_not_found"), services=("not_found", ALL))
    @accepts_texts(MAX_TEXT + MAX_CLIENT_ID + MAX_METADATA_BYTES)
    @runs_cooperatively
    @extend_schema(request=NewMessageSerializer, responses={201: MessageSerializer, 200: MessageSerializer})
    @refuses(
        "no_room_with_oneself",
        "direct_messages_closed",
        "not_found",
        "user_not_found",
        "not_a_member",
        "room_archived",
        "posting_restricted",
        "slow_mode",
        "client_message_id_used",
        "message_not_found",
        "message_removed",
        "system_message",
        "unavailable",
    )
    def create(self, request: Request) -> Response:
        """Send a message to a user or a room. A repeated client_message_id answers 200 with the first message.

        With `parent_id` it is a reply in the thread of that message, which must be no reply itself.
        """
        body = validated(NewMessageSerializer, request)
        sender, text = caller(request), body.pop("message")
        room_id, user_id = body.pop("room_id", None), body.pop("user_id", None)
        if room_id is not None:  # send_message() checks that they are in it
            message, is_new = send_message(sender, room_id, text, **body)
        else:
            recipient = recipient_for(sender, user_id, body.get("client_message_id"))
            message, is_new = send_direct_message(sender, recipient, text, **body)
        return Response(shown_message(message.record), status=201 if is_new else 200)
