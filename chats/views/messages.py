"""The history of rooms over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chats import access
from chats.serializers import MessageSerializer, shown_message
from chatserver.http.cooperative_routes import runs_cooperatively
from chatserver.http.openapi import CURSOR_PARAMETERS, paged, query_number
from chatserver.http.pagination import Cursor, page
from chatserver.http.parameters import object_id
from rooms.views.members import ROOM_ID
from users.access import caller


class MessageViewSet(viewsets.ViewSet):
    """The history of a room."""

    @runs_cooperatively
    @extend_schema(
        parameters=[ROOM_ID, query_number("around", "an id: it and its neighbours"), *CURSOR_PARAMETERS],
        responses=paged(MessageSerializer),
    )
    def list(self, request: Request, room_id: str) -> Response:
        """Messages, oldest to newest; the newest page without a cursor."""
        room, cursor = object_id(room_id), Cursor(request)
        found = access.history_page(caller(request), room, cursor)
        return page(found.messages, shown_message, next=found.next, previous=found.previous)
