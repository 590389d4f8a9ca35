"""Rooms, members and read markers over HTTP."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.http.bodies import validated
from chatserver.http.cooperative_routes import runs_cooperatively
from chatserver.http.openapi import CURSOR_PARAMETERS, paged, path_id, results_of
from chatserver.http.pagination import Cursor, key_page
from chatserver.http.parameters import flag, object_id
from rooms import access, actions, last_messages
from rooms.models import Membership, Room
from rooms.rows import MembershipRow, RoomRow
from rooms.serializers import (
    FullRoomSerializer,
    MemberSerializer,
    NewMembersSerializer,
    NewRoomSerializer,
    ReadMarkerSerializer,
    RoleSerializer,
    RoomChangeSerializer,
    ShownReadMarkerSerializer,
    shown_member,
    shown_room_for,
)
from users.access import active_people, caller

JOINABLE = OpenApiParameter("joinable", OpenApiTypes.BOOL, description="open rooms that I am not in, instead of mine")
ID = path_id("id", "of a room")
ROOM_ID = path_id("room_id", "of a room")
MEMBER_ID = path_id("user_id", "of a member")
# A room and the caller's membership, if any.
Seen = tuple[Room | RoomRow, Membership | MembershipRow | None]
ARCHIVED = OpenApiParameter("archived", OpenApiTypes.BOOL, description="archived ones too")


def shown_rooms(pairs: Sequence[Seen]) -> list[dict[str, Any]]:
    """Rooms as the caller sees them, with the last messages of the rooms that they are in."""
    latest = last_messages.find([room for room, membership in pairs if membership is not None])
    return [shown_room_for(room, membership) | {"last_message": latest.get(room.pk)} for room, membership in pairs]


class RoomViewSet(viewsets.ViewSet):
    """Rooms, with their last messages."""

    @runs_cooperatively
    @extend_schema(parameters=[JOINABLE, ARCHIVED, *CURSOR_PARAMETERS], responses=paged(FullRoomSerializer))
    def list(self, request: Request) -> Response:
        """My rooms, most recently active first; or open rooms that I could join."""
        cursor = Cursor(request)
        is_joinable = flag(request, "joinable")
        with_archived = not is_joinable and flag(request, "archived")
        pairs: Sequence[Seen]
        if is_joinable:
            pairs = [(room, None) for room in access.joinable_rooms(caller(request), cursor)]
        else:
            pairs = access.inbox_page(caller(request), cursor, with_archived=with_archived)
        return key_page(shown_rooms(pairs), cursor, lambda shown: shown, lambda shown: shown["id"])

    @extend_schema(request=NewRoomSerializer, responses={201: FullRoomSerializer})
    def create(self, request: Request) -> Response:
        """Create a group room; I am its owner."""
        body = validated(NewRoomSerializer, request)
        people = active_people(body.pop("members"))
        room = actions.create_room(caller(request), people, **body)
        return self._answer(request, room.pk, status=201)

    @extend_schema(parameters=[ID], responses=FullRoomSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._answer(request, object_id(pk))

    @extend_schema(parameters=[ID], request=RoomChangeSerializer, responses=FullRoomSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a group room."""
        mine = access.membership_for(caller(request), object_id(pk))
        room = actions.change_room(mine, validated(RoomChangeSerializer, request))
        return self._answer(request, room.pk)

    @extend_schema(parameters=[ID], responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Archive a group room: nobody can write there any more."""
        actions.archive_room(access.membership_for(caller(request), object_id(pk)))
        return Response(status=204)

    def _answer(self, request: Request, room_id: int, status: int = 200) -> Response:
        return Response(shown_rooms([access.visible_room(caller(request), room_id)])[0], status=status)


@extend_schema(parameters=[ROOM_ID])
class MemberViewSet(viewsets.ViewSet):
    """The members of a room."""

    lookup_field = "user_id"

    @extend_schema(parameters=CURSOR_PARAMETERS, responses=paged(MemberSerializer))
    def list(self, request: Request, room_id: str) -> Response:
        """Who is in the room, by user id."""
        mine = access.membership_for(caller(request), object_id(room_id))
        cursor = Cursor(request)
        members = access.members_page(mine.room, cursor)
        return key_page(members, cursor, shown_member, lambda member: member.user_id)

    @extend_schema(
        request=NewMembersSerializer, responses={201: results_of(MemberSerializer), 200: results_of(MemberSerializer)}
    )
    def create(self, request: Request, room_id: str) -> Response:
        """Add people; with my own id, join an open room."""
        user = caller(request)
        user_ids = validated(NewMembersSerializer, request)["user_ids"]
        if user_ids == [user.pk]:
            room, _ = access.visible_room(user, object_id(room_id))
            member, is_new = actions.join_room(user, room)
            return Response({"results": [shown_member(member)]}, status=201 if is_new else 200)
        mine = access.membership_for(user, object_id(room_id))
        added = actions.add_members(mine, active_people(user_ids))
        return Response({"results": [shown_member(member) for member in added]}, status=201 if added else 200)

    @extend_schema(parameters=[MEMBER_ID], responses=MemberSerializer)
    def retrieve(self, request: Request, room_id: str, user_id: str) -> Response:
        mine = access.membership_for(caller(request), object_id(room_id))
        return Response(shown_member(access.member_of(mine.room, object_id(user_id))))

    @extend_schema(parameters=[MEMBER_ID], request=RoleSerializer, responses=MemberSerializer)
    def partial_update(self, request: Request, room_id: str, user_id: str) -> Response:
        """Give a member another role."""
        mine = access.membership_for(caller(request), object_id(room_id))
        member = access.member_of(mine.room, object_id(user_id))
        return Response(shown_member(actions.change_role(mine, member, validated(RoleSerializer, request)["role"])))

    @extend_schema(parameters=[MEMBER_ID], responses={204: None})
    def destroy(self, request: Request, room_id: str, user_id: str) -> Response:
        """Remove a member; with my own id, leave."""
        mine = access.membership_for(caller(request), object_id(room_id))
        actions.remove_member(mine, access.member_of(mine.room, object_id(user_id)))
        return Response(status=204)


@extend_schema(parameters=[ROOM_ID])
class ReadMarkerViewSet(viewsets.ViewSet):
    """How far I have read."""

    @extend_schema(request=ReadMarkerSerializer, responses=ShownReadMarkerSerializer)
    def put_own(self, request: Request, room_id: str) -> Response:
        """Move my read marker forward."""
        mine = access.membership_for(caller(request), object_id(room_id))
        member = actions.mark_read(mine, validated(ReadMarkerSerializer, request)["seq"])
        unread = member.room.last_seq - member.read_seq
        return Response({"room_id": member.room_id, "seq": member.read_seq, "unread": unread})


@extend_schema(parameters=[ROOM_ID])
class TypingViewSet(viewsets.ViewSet):
    """Who is typing."""

    @extend_schema(request=None, responses={204: None})
    def create(self, request: Request, room_id: str) -> Response:
        """Tell the room that I am typing."""
        actions.announce_typing(access.membership_for(caller(request), object_id(room_id)))
        return Response(status=204)
