"""Pins of messages over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chats.access.messages import message_for
from chats.access.pins import pinned_messages
from chats.actions.pins import pin_message, unpin_message
from chats.serializers.messages import MessageSerializer, shown_messages
from chats.views.messages import MESSAGE_ID
from chatserver.http.openapi import CURSOR_PARAMETERS, paged
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import Outsiders
from chatserver.http.pagination import Cursor, key_page
from chatserver.http.parameters import object_id
from rooms.limits import room_write_throttle
from rooms.views.members import ROOM_ID
from users.access.people import caller


@extend_schema(parameters=[MESSAGE_ID])
class PinViewSet(viewsets.ViewSet):
    """The pin of a message."""

    key_scope = "messages"
    outsiders = Outsiders("message_not_found")

    @extend_schema(request=None, responses={204: None})
    @refuses(
        "message_not_found",
        "forbidden",
        "room_archived",
        "message_removed",
        "system_message",
        "too_many_pins",
        "too_many_edits",
        "direct_messages_closed",
    )
    def put_own(self, request: Request, message_id: str) -> Response:
        """Pin a message for everybody in its room. To do it again changes nothing."""
        message = message_for(caller(request), object_id(message_id))
        room_write_throttle.spend(request._request, message.room_id)
        pin_message(caller(request), message)
        return Response(status=204)

    @extend_schema(responses={204: None})
    @refuses("message_not_found", "forbidden", "room_archived", "direct_messages_closed")
    def delete_own(self, request: Request, message_id: str) -> Response:
        """Unpin a message."""
        unpin_message(caller(request), message_for(caller(request), object_id(message_id)))
        return Response(status=204)


@extend_schema(parameters=[ROOM_ID])
class PinnedMessageViewSet(viewsets.ViewSet):
    """The pinned messages of a room."""

    key_scope = "messages"
    outsiders = Outsiders("not_found")

    @extend_schema(operation_id="rooms_pins_list", parameters=CURSOR_PARAMETERS, responses=paged(MessageSerializer))
    @refuses("not_a_member")
    def list(self, request: Request, room_id: str) -> Response:
        """The pinned messages of a room, oldest to newest."""
        cursor = Cursor(request)
        found = pinned_messages(caller(request), object_id(room_id), cursor)
        shown = {message["id"]: message for message in shown_messages(caller(request), [one.record for one in found])}
        return key_page(found, cursor, lambda message: shown[message.pk], lambda message: message.pk)
