"""Who types, over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import Outsiders
from chatserver.http.parameters import object_id
from rooms import access, actions
from rooms.views.members import ROOM_ID
from users.access import caller


@extend_schema(parameters=[ROOM_ID])
class TypingViewSet(viewsets.ViewSet):
    """Who is typing."""

    key_scope = "rooms"
    outsiders = Outsiders("not_found")

    @extend_schema(request=None, responses={204: None})
    @refuses("not_a_member", "room_archived", "posting_restricted", "direct_messages_closed")
    def create(self, request: Request, room_id: str) -> Response:
        """Tell the room that I am typing."""
        actions.announce_typing(access.membership_for(caller(request), object_id(room_id)))
        return Response(status=204)
