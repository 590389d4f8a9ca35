"""Rooms over HTTP."""

import hashlib
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.events.log import encode
from chatserver.http.bodies import validated
from chatserver.http.body_limits import accepts_bytes
from chatserver.http.cooperative_routes import runs_cooperatively
from chatserver.http.json import canonical_json
from chatserver.http.openapi import PLACE_PARAMETERS, PlaceField, paged, path_id
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import ALL, OWN, Outsiders, outsiders_get
from chatserver.http.pagination import Cursor, key_page
from chatserver.http.parameters import flag, object_id
from rooms.access.inbox import inbox_page
from rooms.access.rooms import joinable_rooms, membership_for, room_of_request, seen_room
from rooms.access.rules import check_may_create_rooms
from rooms.actions.rooms import archive_room, change_room, create_room, create_room_once
from rooms.limits import members_throttle, room_write_throttle, rooms_throttle
from rooms.serializers.rooms import (
    FullRoomSerializer,
    NewRoomSerializer,
    RoomChangeSerializer,
    shown_rooms,
)
from users.access.people import active_people_for, caller
from users.models import User

JOINABLE = OpenApiParameter("joinable", OpenApiTypes.BOOL, description="open rooms that I am not in, instead of mine")
OWN_ROOM_ID = path_id("id", "of a room")
# With metadata, where JSON may escape everything.
MAX_ROOM_BYTES = 32 * 1024
ARCHIVED = OpenApiParameter("archived", OpenApiTypes.BOOL, description="archived ones too")


def hash_of(body: dict[str, Any]) -> bytes:
    """A hash of what a request asks for.

    The order of the members does not count, nor how often each is named, nor the order of names in the metadata.
    """
    content = body | {"members": sorted(set(body["members"]))}
    if "metadata" in body:
        content["metadata"] = canonical_json(body["metadata"])
    return hashlib.sha256(encode(content).encode()).digest()


def counted_members(request: Request, member_ids: list[int]) -> list[User]:
    """The members of a new room, counted together with the room. NotFound; Throttled."""
    people = active_people_for(caller(request), member_ids)
    members_throttle.spend(request._request, caller(request).pk, len(people))
    rooms_throttle.spend(request._request, caller(request).pk)
    return people


class RoomViewSet(viewsets.ViewSet):
    """Rooms, with their last messages."""

    key_scope = "rooms"
    outsiders = Outsiders("not_found")

    @outsiders_get(OWN)
    @runs_cooperatively
    @extend_schema(parameters=[JOINABLE, ARCHIVED, *PLACE_PARAMETERS], responses=paged(FullRoomSerializer, PlaceField))
    def list(self, request: Request) -> Response:
        """My rooms, most recently active first; or open rooms that I could join."""
        cursor = Cursor(request)
        is_joinable = flag(request, "joinable")
        with_archived = not is_joinable and flag(request, "archived")
        if is_joinable:
            rooms = shown_rooms(caller(request), joinable_rooms(caller(request), cursor))
            return key_page(rooms, cursor, lambda shown: shown, lambda shown: shown["id"])
        mine, cursors = inbox_page(caller(request), cursor, with_archived=with_archived)
        return key_page(
            shown_rooms(caller(request), mine), cursor, lambda shown: shown, lambda shown: cursors[shown["id"]]
        )

    @outsiders_get("user_not_found", services=ALL)
    @accepts_bytes(MAX_ROOM_BYTES)
    @extend_schema(request=NewRoomSerializer, responses={201: FullRoomSerializer, 200: FullRoomSerializer})
    @refuses("user_not_found", "too_many_rooms", "client_room_id_used", "room_creation_closed")
    def create(self, request: Request) -> Response:
        """Create a group room; I am its owner. A repeated client_room_id answers 200 with the first room."""
        check_may_create_rooms(caller(request))
        body = validated(NewRoomSerializer, request)
        client_room_id = body.pop("client_room_id", None)
        if client_room_id is None:
            people = counted_members(request, body.pop("members"))
            room = create_room(caller(request), people, **body)
            return self._answer(request, room.pk, status=201)
        # Before the members are looked up: for a repeat, it does not matter that one has been deleted since.
        content_hash = hash_of(body)
        known = room_of_request(caller(request), client_room_id, content_hash)
        if known is not None:
            return self._answer(request, known.pk)
        room, is_new = create_room_once(
            caller(request),
            counted_members(request, body.pop("members")),
            client_room_id=client_room_id,
            content_hash=content_hash,
            **body,
        )
        return self._answer(request, room.pk, status=201 if is_new else 200)

    @extend_schema(parameters=[OWN_ROOM_ID], responses=FullRoomSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """One room that I am in, or that is open."""
        return self._answer(request, object_id(pk))

    @accepts_bytes(MAX_ROOM_BYTES)
    @extend_schema(parameters=[OWN_ROOM_ID], request=RoomChangeSerializer, responses=FullRoomSerializer)
    @refuses("forbidden", "not_a_member", "room_is_fixed", "room_archived", "too_many_rooms")
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a group room; with `archived` false, restore it."""
        mine = membership_for(caller(request), object_id(pk))
        changes = validated(RoomChangeSerializer, request)
        room_write_throttle.spend(request._request, mine.room_id)
        room = change_room(mine, changes)
        return self._answer(request, room.pk)

    @extend_schema(parameters=[OWN_ROOM_ID], responses={204: None})
    @refuses("forbidden", "not_a_member", "room_is_fixed", "room_archived")
    def destroy(self, request: Request, pk: str) -> Response:
        """Archive a group room: nobody can write there until it is restored."""
        archive_room(membership_for(caller(request), object_id(pk)))
        return Response(status=204)

    def _answer(self, request: Request, room_id: int, status: int = 200) -> Response:
        return Response(shown_rooms(caller(request), [seen_room(caller(request), pk=room_id)])[0], status=status)
