"""Read markers over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chats.access.messages import message_for
from chats.actions import read_markers
from chats.serializers.read_markers import ReadMarkerSerializer, ShownReadMarkerSerializer, shown_marker
from chatserver.errors import Invalid, NotFound
from chatserver.http.bodies import validated
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import OWN, Outsiders
from chatserver.http.parameters import object_id
from rooms.access.rooms import membership_for
from rooms.views.members import ROOM_ID
from users.access.people import caller


@extend_schema(parameters=[ROOM_ID])
class ReadMarkerViewSet(viewsets.ViewSet):
    """How far I have read a room."""

    key_scope = "rooms"
    outsiders = Outsiders("not_found")

    @extend_schema(request=ReadMarkerSerializer, responses=ShownReadMarkerSerializer)
    @refuses("not_a_member", "message_not_found")
    def put_own(self, request: Request, room_id: str) -> Response:
        """Move my read marker forward to a seq, or back to before a message."""
        user = caller(request)
        mine = membership_for(user, object_id(room_id))
        body = validated(ReadMarkerSerializer, request)
        if "seq" in body:
            return Response(shown_marker(read_markers.mark_read(mine, body["seq"])))
        message = message_for(user, body["unread_from"])
        if message.room_id != mine.room_id:
            raise NotFound("There is no such message in this room.", code="message_not_found")
        if message.parent_id is not None:
            raise Invalid("A reply is not in the room; its thread has a read marker of its own.", field="unread_from")
        return Response(shown_marker(read_markers.mark_unread_from(mine, message)))


class ReadMarkersViewSet(viewsets.ViewSet):
    """How far I have read all of my rooms."""

    key_scope = "rooms"
    outsiders = Outsiders(OWN)

    @extend_schema(request=None, responses={204: None})
    def put_own(self, request: Request) -> Response:
        """Mark all of my rooms as read."""
        read_markers.mark_all_read(caller(request))
        return Response(status=204)
