"""The earlier texts of messages over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chats.access.edits import earlier_texts_for
from chats.access.messages import message_for
from chats.serializers.edits import EarlierTextSerializer, shown_earlier_text
from chats.views.messages import MESSAGE_ID
from chatserver.http.openapi import CURSOR_PARAMETERS, paged
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import Outsiders
from chatserver.http.pagination import Cursor, key_page
from chatserver.http.parameters import object_id
from users.access.people import caller


@extend_schema(parameters=[MESSAGE_ID])
class EditViewSet(viewsets.ViewSet):
    """What a message said before."""

    key_scope = "messages"
    outsiders = Outsiders("message_not_found")

    @extend_schema(parameters=CURSOR_PARAMETERS, responses=paged(EarlierTextSerializer))
    @refuses("message_not_found", "forbidden")
    def list(self, request: Request, message_id: str) -> Response:
        """Earlier texts, oldest first, for moderators.

        Those are the room's owners and moderators, and staff who are in it. Kept for CHAT_EDIT_HISTORY_DAYS; by default
        there are none.
        """
        cursor = Cursor(request)
        message = message_for(caller(request), object_id(message_id))
        found = cursor.slice(earlier_texts_for(caller(request), message), "id")
        return key_page(found, cursor, shown_earlier_text, lambda earlier: earlier.pk)
