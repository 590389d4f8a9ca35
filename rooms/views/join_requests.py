"""Requests to join closed rooms, over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.http.bodies import validated
from chatserver.http.openapi import CURSOR_PARAMETERS, paged, path_id
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import Outsiders
from chatserver.http.pagination import Cursor, key_page
from chatserver.http.parameters import object_id
from rooms.access.join_requests import join_requests_page, room_asked_for, room_to_ask_for
from rooms.access.rooms import membership_for
from rooms.actions.join_requests import ask_to_join, decline_request, withdraw_request
from rooms.limits import rooms_throttle
from rooms.serializers.join_requests import JoinRequestSerializer, NewJoinRequestSerializer, shown_join_request
from rooms.views.members import ROOM_ID
from users.access.people import caller

ASKER_ID = path_id("user_id", "of who asks")


@extend_schema(parameters=[ROOM_ID])
class JoinRequestViewSet(viewsets.ViewSet):
    """Requests to join a room."""

    key_scope = "rooms"
    outsiders = Outsiders("not_found")
    lookup_field = "user_id"

    @extend_schema(parameters=CURSOR_PARAMETERS, responses=paged(JoinRequestSerializer))
    @refuses("not_a_member", "forbidden")
    def list(self, request: Request, room_id: str) -> Response:
        """Who asks for the room, by user id, for its owners and moderators."""
        cursor = Cursor(request)
        found = join_requests_page(caller(request), object_id(room_id), cursor)
        return key_page(found, cursor, shown_join_request, lambda one: one.user_id)

    @extend_schema(request=NewJoinRequestSerializer, responses={201: JoinRequestSerializer, 200: JoinRequestSerializer})
    @refuses("already_a_member", "too_many_join_requests")
    def create(self, request: Request, room_id: str) -> Response:
        """Ask to join a closed room that takes requests. To ask again changes nothing."""
        message = validated(NewJoinRequestSerializer, request)["message"]
        room = room_to_ask_for(object_id(room_id))
        rooms_throttle.spend(request._request, caller(request).pk)
        asked, is_new = ask_to_join(caller(request), room, message)
        return Response(shown_join_request(asked), status=201 if is_new else 200)

    @extend_schema(parameters=[ASKER_ID], responses={204: None})
    @refuses("not_a_member", "forbidden")
    def destroy(self, request: Request, room_id: str, user_id: str) -> Response:
        """Decline a request; or, with my own id, withdraw mine. To approve one, add the person."""
        asker_id = object_id(user_id)
        if asker_id == caller(request).pk:
            room = room_asked_for(caller(request), object_id(room_id))
            withdraw_request(caller(request), room)
        else:
            mine = membership_for(caller(request), object_id(room_id))
            decline_request(mine, asker_id)
        return Response(status=204)
