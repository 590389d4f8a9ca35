"""Read markers over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chats.access.messages import message_to_mark
from chats.actions.read_markers import mark_all_read, mark_read, mark_unread_from
from chats.serializers.read_markers import ReadMarkerSerializer, ShownReadMarkerSerializer, shown_marker
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
            return Response(shown_marker(mark_read(mine, body["seq"])))
        message = message_to_mark(user, mine.room_id, body["unread_from"])
        return Response(shown_marker(mark_unread_from(mine, message)))


class ReadMarkersViewSet(viewsets.ViewSet):
    """How far I have read all of my rooms."""

    key_scope = "rooms"
    outsiders = Outsiders(OWN)

    @extend_schema(request=None, responses={204: None})
    def put_own(self, request: Request) -> Response:
        """Mark all of my rooms as read."""
        mark_all_read(caller(request))
        return Response(status=204)
