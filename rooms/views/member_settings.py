"""What each person sets for themselves in a room, over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.http.bodies import validated
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import Outsiders
from chatserver.http.parameters import object_id
from rooms.access.rooms import membership_for
from rooms.actions.member_settings import change_settings
from rooms.models import Membership
from rooms.serializers.settings import MemberSettingsChangeSerializer, MemberSettingsSerializer, shown_settings
from rooms.views.members import ROOM_ID
from users.access.people import caller


@extend_schema(parameters=[ROOM_ID], responses=MemberSettingsSerializer)
class MemberSettingsViewSet(viewsets.ViewSet):
    """What I set for myself in a room."""

    key_scope = "rooms"
    outsiders = Outsiders("not_found")

    @extend_schema(operation_id="rooms_me_retrieve")
    @refuses("not_a_member")
    def list(self, request: Request, room_id: str) -> Response:
        """What I set for myself in this room."""
        return self._answer(membership_for(caller(request), object_id(room_id)))

    @extend_schema(request=MemberSettingsChangeSerializer)
    @refuses("not_a_member")
    def patch_own(self, request: Request, room_id: str) -> Response:
        """Pin, mute or hide a room for myself, or say what I want to be notified of.

        A hidden room shows again as soon as somebody writes there.
        """
        mine = membership_for(caller(request), object_id(room_id))
        changes = validated(MemberSettingsChangeSerializer, request)
        return self._answer(change_settings(mine, changes))

    def _answer(self, member: Membership) -> Response:
        return Response(shown_settings(member.room_id, member.room.main_seq, member.settings_record))
