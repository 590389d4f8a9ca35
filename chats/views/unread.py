"""What is unread, over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chats.access.unread import unread_of
from chats.serializers.read_markers import UnreadSerializer, shown_unread
from chatserver.http.outsiders import OWN, Outsiders
from users.access.people import caller


class UnreadViewSet(viewsets.ViewSet):
    """What I have not read."""

    key_scope = "rooms"
    outsiders = Outsiders(OWN)

    @extend_schema(responses=UnreadSerializer)
    def list(self, request: Request) -> Response:
        """My rooms where something is unread, with counts."""
        return Response(shown_unread(unread_of(caller(request))))
