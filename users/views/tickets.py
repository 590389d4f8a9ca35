"""Tickets for streams over HTTP."""

from datetime import UTC, datetime

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.http.outsiders import OWN, Outsiders
from chatserver.http.scopes import NO_KEY
from users.access.people import caller
from users.actions.tickets import TICKET_SECONDS, issue_ticket
from users.credentials.identity import identity_of
from users.serializers.credentials import TicketSerializer


class TicketViewSet(viewsets.ViewSet):
    """Tickets for streams."""

    key_scope = NO_KEY
    outsiders = Outsiders(OWN)

    @extend_schema(request=None, responses={201: TicketSerializer})
    def create(self, request: Request) -> Response:
        """A ticket that opens one stream, once, within 30 s."""
        identity = identity_of(request)
        _, _, name = identity.credential.partition(":")
        is_jwt = identity.kind == "jwt"
        ticket = issue_ticket(
            caller(request),
            token_id=int(name) if identity.kind == "token" else None,
            session_key=request.session.session_key or "" if identity.kind == "session" else "",
            identity_id=int(name) if is_jwt else None,
            credential_expires_at=datetime.fromtimestamp(identity.expires_at or 0, UTC) if is_jwt else None,
        )
        return Response({"ticket": ticket, "expires_in": TICKET_SECONDS}, status=201)
