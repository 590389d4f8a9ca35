"""Who types, over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chats.access.threads import thread_of_room
from chats.actions.typing import announce_typing, end_typing
from chats.models import Message
from chats.serializers.typing import NewTypingSerializer
from chatserver.http.bodies import validated
from chatserver.http.openapi import query_number
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import Outsiders
from chatserver.http.parameters import object_id, whole_number
from rooms.access.rooms import membership_for
from rooms.models import Membership
from rooms.views.members import ROOM_ID
from users.access.people import caller

PARENT_ID = query_number("parent_id", "in the thread of this message", least=1)


@extend_schema(parameters=[ROOM_ID])
class TypingViewSet(viewsets.ViewSet):
    """Who is typing."""

    key_scope = "rooms"
    outsiders = Outsiders("not_found")

    @extend_schema(request=NewTypingSerializer, responses={204: None})
    @refuses(
        "not_a_member",
        "message_not_found",
        "message_removed",
        "system_message",
        "room_archived",
        "posting_restricted",
        "direct_messages_closed",
    )
    def create(self, request: Request, room_id: str) -> Response:
        """Tell the room that I am typing, there or in a thread. It ends by itself after some seconds."""
        parent_id = validated(NewTypingSerializer, request).get("parent_id")
        announce_typing(*_place(request, room_id, parent_id))
        return Response(status=204)

    @extend_schema(parameters=[PARENT_ID], responses={204: None})
    @refuses("not_a_member", "message_not_found")
    def delete_own(self, request: Request, room_id: str) -> Response:
        """Tell the room that I am typing no longer. A message that I post says so, too."""
        parent_id = request.query_params.get("parent_id")
        end_typing(*_place(request, room_id, None if parent_id is None else whole_number(parent_id, "parent_id")))
        return Response(status=204)


def _place(request: Request, room_id: str, parent_id: int | None) -> tuple[Membership, Message | None]:
    member = membership_for(caller(request), object_id(room_id))
    return member, None if parent_id is None else thread_of_room(caller(request), member.room, parent_id)
