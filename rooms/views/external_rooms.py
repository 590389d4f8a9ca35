"""Rooms by the ids of a host product, over HTTP."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.http.bodies import validated
from chatserver.http.body_limits import accepts_texts
from chatserver.http.caller import is_of_service
from chatserver.http.fields import MAX_METADATA_BYTES
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import ALL, Outsiders
from chatserver.http.scopes import needs_scope
from rooms.access.external_ids import check_external_room_id, member_ids_of
from rooms.access.rooms import room_called
from rooms.actions.external_rooms import put_room
from rooms.models import MAX_DESCRIPTION, MAX_NAME
from rooms.serializers.members import EXTERNAL_PREFIX, MAX_MEMBERS_AT_ONCE
from rooms.serializers.rooms import ExternalRoomSerializer, FullRoomSerializer, shown_rooms
from users.access.people import caller
from users.models import MAX_SUBJECT

MAX_LISTED_CHARACTERS = (
    MAX_NAME + MAX_DESCRIPTION + MAX_METADATA_BYTES + MAX_MEMBERS_AT_ONCE * (len(EXTERNAL_PREFIX) + MAX_SUBJECT)
)
EXTERNAL_ROOM_ID = OpenApiParameter(
    "external_id",
    {"type": "string", "minLength": 1, "maxLength": MAX_SUBJECT},
    OpenApiParameter.PATH,
    description="the host's id of a room, percent-encoded; a slash in it may stay, but not at its end",
)


@extend_schema(parameters=[EXTERNAL_ROOM_ID])
class ExternalRoomViewSet(viewsets.ViewSet):
    """Rooms by external id."""

    key_scope = "rooms"
    outsiders = Outsiders("not_found", services=ALL)

    @extend_schema(operation_id="rooms_external_retrieve", responses=FullRoomSerializer)
    def retrieve(self, request: Request, external_id: str) -> Response:
        """One room by external id, which I am in or which is open. A service key finds any."""
        return self._answer(request, external_id)

    @needs_scope("rooms:write", only_keys=True)
    @accepts_texts(MAX_LISTED_CHARACTERS)
    @extend_schema(
        operation_id="rooms_external_update",
        request=ExternalRoomSerializer,
        responses={201: FullRoomSerializer, 200: FullRoomSerializer},
    )
    @refuses("user_not_found", "room_archived", "too_many_rooms")
    def update(self, request: Request, external_id: str) -> Response:
        """Make a room of the host product, or bring it to this state.

        Members are added, also those who had left; with `exact` all others are removed. What is left out stays as it
        is. Nobody owns such a room.
        """
        checked = check_external_room_id(external_id)
        body = validated(ExternalRoomSerializer, request)
        members, exact = body.pop("members"), body.pop("exact")
        _, is_new = put_room(caller(request), checked, body, member_ids_of(members), exact=exact)
        return self._answer(request, checked, status=201 if is_new else 200)

    def _answer(self, request: Request, external_id: str, status: int = 200) -> Response:
        checked = check_external_room_id(external_id)
        seen = room_called(caller(request), checked, sees_all=is_of_service(request))
        return Response(shown_rooms(caller(request), [seen])[0], status=status)
