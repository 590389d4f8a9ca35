"""Single messages over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chats.access.messages import message_for
from chats.actions.changes import edit_message, remove_own_message
from chats.models import MAX_TEXT, Message
from chats.serializers.messages import MessageEditSerializer, MessageSerializer, shown_messages
from chatserver.http.bodies import validated
from chatserver.http.body_limits import accepts_texts
from chatserver.http.openapi import path_id
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import Outsiders
from chatserver.http.parameters import object_id
from rooms.limits import room_write_throttle
from users.access.people import caller

MESSAGE_ID = path_id("message_id", "of a message in a room of mine")


@extend_schema(parameters=[MESSAGE_ID])
class MessageViewSet(viewsets.ViewSet):
    """Single messages."""

    lookup_field = "message_id"
    key_scope = "messages"
    outsiders = Outsiders("message_not_found")

    @extend_schema(responses=MessageSerializer)
    @refuses("message_not_found")
    def retrieve(self, request: Request, message_id: str) -> Response:
        """One message."""
        return self._answer(request, self._message(request, message_id))

    @accepts_texts(MAX_TEXT)
    @extend_schema(request=MessageEditSerializer, responses=MessageSerializer)
    @refuses(
        "message_not_found",
        "forbidden",
        "room_archived",
        "posting_restricted",
        "edit_window_closed",
        "direct_messages_closed",
        "message_removed",
        "system_message",
        "too_many_edits",
        "version_mismatch",
    )
    def partial_update(self, request: Request, message_id: str) -> Response:
        """Edit my message.

        With `version`, only where the message still has it. Events that have told it show the new text, too.
        """
        body = validated(MessageEditSerializer, request)
        message = self._message(request, message_id)
        room_write_throttle.spend(request._request, message.room_id)
        edited = edit_message(caller(request), message, body["message"], version=body.get("version"))
        return self._answer(request, edited)

    @extend_schema(responses={204: None})
    @refuses("message_not_found", "forbidden")
    def destroy(self, request: Request, message_id: str) -> Response:
        """Remove my message, or, as an owner or a moderator of its room, anybody's. Its place stays."""
        remove_own_message(caller(request), self._message(request, message_id))
        return Response(status=204)

    def _answer(self, request: Request, message: Message) -> Response:
        (shown,) = shown_messages(caller(request), [message.record])
        return Response(shown)

    def _message(self, request: Request, message_id: str) -> Message:
        return message_for(caller(request), object_id(message_id))
