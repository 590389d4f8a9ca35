"""A ticket in the query of a stream, from a client that can't send headers. It opens one stream."""

from django.contrib.sessions.models import Session
from django.utils import timezone

from chatserver.errors import Unauthorized
from chatserver.storage.rows import one_or_none
from users.actions.tickets import redeem_ticket
from users.credentials.identity import Identity
from users.credentials.request import RequestCredentials
from users.models import jwt_credential, password_credential, session_credential


def claims(credentials: RequestCredentials) -> bool:
    return credentials.ticket is not None


def identify(credentials: RequestCredentials) -> Identity:
    """Whose it is, and of which token, session, JWT or password. Redeems the ticket."""
    assert credentials.ticket is not None
    ticket = redeem_ticket(credentials.ticket)
    if ticket is None or not ticket.user.is_active:
        raise Unauthorized("This ticket is not valid, or was used.", code="invalid_ticket")
    if ticket.token is not None:
        return Identity(ticket.user, ticket.token.credential, ticket.token.expires_at.timestamp())
    if ticket.external_identity_id is not None and ticket.credential_expires_at is not None:
        if ticket.credential_expires_at <= timezone.now():
            raise Unauthorized("The JWT of this ticket has expired.", code="invalid_ticket")
        return Identity(
            ticket.user, jwt_credential(ticket.external_identity_id), ticket.credential_expires_at.timestamp()
        )
    if ticket.session_key:
        session = one_or_none(Session.objects.filter(pk=ticket.session_key, expire_date__gt=timezone.now()))
        if session is None:
            raise Unauthorized("The session of this ticket has ended.", code="invalid_ticket")
        return Identity(ticket.user, session_credential(ticket.session_key), session.expire_date.timestamp())
    return Identity(ticket.user, password_credential(ticket.user_id), None)
