"""The members of rooms over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.http.bodies import validated
from chatserver.http.openapi import CURSOR_PARAMETERS, paged, path_id, results_of
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import Outsiders
from chatserver.http.pagination import Cursor, key_page
from chatserver.http.parameters import object_id
from rooms.access.members import member_of, members_page, people_to_add
from rooms.access.rooms import membership_for, visible_room
from rooms.actions.members import add_members, change_role, join_room, remove_member
from rooms.limits import members_throttle, room_write_throttle, rooms_throttle
from rooms.serializers.members import MemberSerializer, NewMembersSerializer, RoleSerializer, shown_member
from users.access.people import caller

ROOM_ID = path_id("room_id", "of a room")
MEMBER_ID = path_id("user_id", "of a member")


@extend_schema(parameters=[ROOM_ID])
class MemberViewSet(viewsets.ViewSet):
    """The members of a room."""

    key_scope = "rooms"
    outsiders = Outsiders("not_found")
    lookup_field = "user_id"

    @extend_schema(parameters=CURSOR_PARAMETERS, responses=paged(MemberSerializer))
    @refuses("not_a_member")
    def list(self, request: Request, room_id: str) -> Response:
        """Who is in the room, by user id."""
        mine = membership_for(caller(request), object_id(room_id))
        cursor = Cursor(request)
        members = members_page(mine.room, cursor)
        return key_page(members, cursor, lambda member: shown_member(member.record), lambda member: member.user_id)

    @extend_schema(
        request=NewMembersSerializer, responses={201: results_of(MemberSerializer), 200: results_of(MemberSerializer)}
    )
    @refuses(
        "user_not_found",
        "forbidden",
        "not_a_member",
        "room_is_fixed",
        "room_archived",
        "left_recently",
        "too_many_rooms",
    )
    def create(self, request: Request, room_id: str) -> Response:
        """Add people; with my own id, join an open room."""
        user = caller(request)
        user_ids = validated(NewMembersSerializer, request)["user_ids"]
        if user_ids == [user.pk]:
            room, present = visible_room(user, object_id(room_id))
            if present is None:
                rooms_throttle.spend(request._request, user.pk)
                room_write_throttle.spend(request._request, room.pk)
            member, is_new = join_room(user, room)
            return Response({"results": [shown_member(member.record)]}, status=201 if is_new else 200)
        mine = membership_for(user, object_id(room_id))
        people = people_to_add(user, mine, user_ids)
        members_throttle.spend(request._request, user.pk, len(people))
        room_write_throttle.spend(request._request, mine.room_id)
        added = add_members(mine, people)
        return Response({"results": [shown_member(member.record) for member in added]}, status=201 if added else 200)

    @extend_schema(parameters=[MEMBER_ID], responses=MemberSerializer)
    @refuses("not_a_member")
    def retrieve(self, request: Request, room_id: str, user_id: str) -> Response:
        """One member of the room."""
        mine = membership_for(caller(request), object_id(room_id))
        return Response(shown_member(member_of(mine.room, object_id(user_id)).record))

    @extend_schema(parameters=[MEMBER_ID], request=RoleSerializer, responses=MemberSerializer)
    @refuses("user_not_found", "forbidden", "not_a_member", "room_is_fixed", "room_archived", "last_owner")
    def partial_update(self, request: Request, room_id: str, user_id: str) -> Response:
        """Give a member another role."""
        mine = membership_for(caller(request), object_id(room_id))
        member = member_of(mine.room, object_id(user_id))
        role = validated(RoleSerializer, request)["role"]
        room_write_throttle.spend(request._request, mine.room_id)
        changed = change_role(mine, member, role)
        return Response(shown_member(changed.record))

    @extend_schema(parameters=[MEMBER_ID], responses={204: None})
    @refuses("forbidden", "not_a_member", "room_is_fixed")
    def destroy(self, request: Request, room_id: str, user_id: str) -> Response:
        """Remove a member; with my own id, leave."""
        mine = membership_for(caller(request), object_id(room_id))
        remove_member(mine, member_of(mine.room, object_id(user_id)))
        return Response(status=204)
