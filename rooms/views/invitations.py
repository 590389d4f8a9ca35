"""Invitations to rooms over HTTP."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.http.bodies import validated
from chatserver.http.openapi import CURSOR_PARAMETERS, paged
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import OWN, Outsiders, outsiders_get
from chatserver.http.pagination import Cursor, key_page
from chatserver.http.parameters import object_id
from rooms.access.invitations import invitation_called, invitation_to_end, invitations_of, invitations_to
from rooms.access.rooms import membership_for
from rooms.actions.invitations import accept_invitation, invite_person, make_link, remove_invitation
from rooms.limits import members_throttle, room_write_throttle, rooms_throttle
from rooms.serializers.invitations import (
    InvitationSerializer,
    MadeInvitationSerializer,
    NewInvitationSerializer,
    shown_invitation,
)
from rooms.serializers.members import MemberSerializer, shown_member
from rooms.views.members import ROOM_ID
from users.access.people import active_people_for, caller

INVITATION_ID = OpenApiParameter(
    "invitation_id", {"type": "string"}, OpenApiParameter.PATH, description="of mine, or the code of a link"
)


@extend_schema(parameters=[ROOM_ID])
class RoomInvitationViewSet(viewsets.ViewSet):
    """The invitations to a room."""

    key_scope = "rooms"
    outsiders = Outsiders("not_found")

    @extend_schema(
        operation_id="rooms_invitations_list", parameters=CURSOR_PARAMETERS, responses=paged(InvitationSerializer)
    )
    @refuses("not_a_member", "forbidden")
    def list(self, request: Request, room_id: str) -> Response:
        """The open invitations to a room, for those who may invite people there."""
        cursor = Cursor(request)
        found = invitations_to(caller(request), object_id(room_id), cursor)
        return key_page(found, cursor, shown_invitation, lambda invitation: invitation.pk)

    @extend_schema(
        operation_id="rooms_invitations_create",
        request=NewInvitationSerializer,
        responses={201: MadeInvitationSerializer, 200: MadeInvitationSerializer},
    )
    @refuses(
        "user_not_found",
        "forbidden",
        "not_a_member",
        "room_is_fixed",
        "room_archived",
        "already_a_member",
        "direct_messages_closed",
        "too_many_invitations",
    )
    def create(self, request: Request, room_id: str) -> Response:
        """Invite a person, or make a link. Who is invited already keeps that invitation: 200."""
        mine = membership_for(caller(request), object_id(room_id))
        mine.user = caller(request)
        body = validated(NewInvitationSerializer, request)
        room_write_throttle.spend(request._request, mine.room_id)
        if "user_id" not in body:
            made, code = make_link(mine, **body)
            return Response(shown_invitation(made) | {"code": code}, status=201)
        (person,) = active_people_for(caller(request), [body.pop("user_id")])
        members_throttle.spend(request._request, caller(request).pk)
        invitation, is_new = invite_person(mine, person, **body)
        return Response(shown_invitation(invitation) | {"code": None}, status=201 if is_new else 200)


class InvitationViewSet(viewsets.ViewSet):
    """Invitations to me, and those whose code I have."""

    lookup_field = "invitation_id"
    key_scope = "rooms"
    outsiders = Outsiders("invitation_not_found")

    @outsiders_get(OWN)
    @extend_schema(parameters=CURSOR_PARAMETERS, responses=paged(InvitationSerializer))
    def list(self, request: Request) -> Response:
        """My open invitations."""
        cursor = Cursor(request)
        found = invitations_of(caller(request), cursor)
        return key_page(found, cursor, shown_invitation, lambda invitation: invitation.pk)

    @extend_schema(parameters=[INVITATION_ID], responses=InvitationSerializer)
    @refuses("invitation_not_found")
    def retrieve(self, request: Request, invitation_id: str) -> Response:
        """One of my invitations, or one by its code: what room it leads to."""
        return Response(shown_invitation(invitation_called(caller(request), invitation_id)))

    @extend_schema(parameters=[INVITATION_ID], responses={204: None})
    @refuses("invitation_not_found")
    def destroy(self, request: Request, invitation_id: str) -> Response:
        """Decline an invitation; or, as its inviter or a moderator of the room, revoke it."""
        invitation = invitation_to_end(caller(request), invitation_id)
        remove_invitation(caller(request), invitation)
        return Response(status=204)

    @extend_schema(parameters=[INVITATION_ID], request=None, responses={201: MemberSerializer, 200: MemberSerializer})
    @refuses("invitation_not_found", "room_archived", "too_many_rooms")
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, invitation_id: str) -> Response:
        """Accept an invitation: I am a member of the room then."""
        user = caller(request)
        invitation = invitation_called(user, invitation_id)
        rooms_throttle.spend(request._request, user.pk)
        room_write_throttle.spend(request._request, invitation.room_id)
        member, is_new = accept_invitation(user, invitation)
        return Response(shown_member(member.record), status=201 if is_new else 200)
