"""The history of rooms over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chats.access.messages import history_page
from chats.serializers.messages import MessageSerializer, shown_messages
from chatserver.http.cooperative_routes import runs_cooperatively
from chatserver.http.openapi import CURSOR_PARAMETERS, paged, query_number
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import Outsiders
from chatserver.http.pagination import Cursor, page, within_bytes
from chatserver.http.parameters import object_id
from rooms.views.members import ROOM_ID
from users.access.people import caller


class HistoryViewSet(viewsets.ViewSet):
    """The history of a room."""

    key_scope = "messages"
    outsiders = Outsiders("not_found")

    @runs_cooperatively
    @extend_schema(
        parameters=[
            ROOM_ID,
            query_number("around", "an id: it and its neighbours"),
            query_number("around_seq", "the same by the message's seq, as for the first that is unread"),
            *CURSOR_PARAMETERS,
        ],
        responses=paged(MessageSerializer),
    )
    @refuses("not_a_member", "message_not_found")
    def list(self, request: Request, room_id: str) -> Response:
        """Messages, oldest to newest; the newest page without a cursor."""
        room, cursor = object_id(room_id), Cursor(request)
        messages, following, previous = history_page(caller(request), room, cursor)
        # A large page keeps the messages that are next to where it begins.
        is_upwards = cursor.side in {None, "before"}
        shown = list(shown_messages(caller(request), messages))
        results = within_bytes(reversed(shown) if is_upwards else shown)
        if len(results) == len(messages):
            return page(results[::-1] if is_upwards else results, next=following, previous=previous)
        if is_upwards:
            return page(results[::-1], next=following, previous=messages[-len(results)].id)
        return page(results, next=messages[len(results) - 1].id, previous=previous)
