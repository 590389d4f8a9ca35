"""Read markers over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.http.bodies import validated
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import Outsiders
from chatserver.http.parameters import object_id
from rooms import access, actions
from rooms.serializers import ReadMarkerSerializer, ShownReadMarkerSerializer
from rooms.views.members import ROOM_ID
from users.access import caller


@extend_schema(parameters=[ROOM_ID])
class ReadMarkerViewSet(viewsets.ViewSet):
    """How far I have read."""

    key_scope = "rooms"
    outsiders = Outsiders("not_found")

    @extend_schema(request=ReadMarkerSerializer, responses=ShownReadMarkerSerializer)
    @refuses("not_a_member")
    def put_own(self, request: Request, room_id: str) -> Response:
        """Move my read marker forward."""
        mine = access.membership_for(caller(request), object_id(room_id))
        member = actions.mark_read(mine, validated(ReadMarkerSerializer, request)["seq"])
        unread = member.room.last_seq - member.read_seq
        return Response({"room_id": member.room_id, "seq": member.read_seq, "unread": unread})
