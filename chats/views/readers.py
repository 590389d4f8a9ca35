"""Who has read a message, over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chats.access.messages import message_for
from chats.access.readers import readers_of
from chats.views.messages import MESSAGE_ID
from chatserver.http.openapi import CURSOR_PARAMETERS, paged
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import Outsiders
from chatserver.http.pagination import Cursor, key_page
from chatserver.http.parameters import object_id
from users.access.people import caller
from users.serializers.people import PersonSerializer, shown_person


@extend_schema(parameters=[MESSAGE_ID])
class ReaderViewSet(viewsets.ViewSet):
    """Who has read a message."""

    key_scope = "messages"
    outsiders = Outsiders("message_not_found")

    @extend_schema(parameters=CURSOR_PARAMETERS, responses=paged(PersonSerializer))
    @refuses("message_not_found", "too_many_members")
    def list(self, request: Request, message_id: str) -> Response:
        """Who has read it, by id, in rooms of up to 100 members.

        Without its sender, and without those who joined later.
        """
        cursor = Cursor(request)
        message = message_for(caller(request), object_id(message_id))
        found = cursor.slice(readers_of(message), "user_id")
        return key_page(found, cursor, lambda member: shown_person(member.user.record), lambda member: member.user_id)
