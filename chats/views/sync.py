"""The start of a client, over HTTP."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chats.serializers.sync import SyncSerializer, sync_of
from chatserver.http.outsiders import OWN, Outsiders
from chatserver.http.pagination import LARGEST_LIMIT, Cursor
from users.access.people import caller

ROOMS_LIMIT = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": LARGEST_LIMIT},
    description="how many rooms at most",
)


class SyncViewSet(viewsets.ViewSet):
    """What a client starts with."""

    key_scope = "rooms"
    outsiders = Outsiders(OWN)

    @extend_schema(parameters=[ROOMS_LIMIT], responses=SyncSerializer)
    def list(self, request: Request) -> Response:
        """Where the log stands, who I am, my rooms with what is unread, and who is online.

        Read in this order, so that a stream with this position as its `last_event_id` leaves no gap."""
        return Response(sync_of(caller(request), Cursor(request, LARGEST_LIMIT)))
