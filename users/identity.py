"""Who opens a stream, and by what. The stream is no DRF view, but the ways to come are the same."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from chatserver.errors import Unauthorized
from users import actions
from users.authentication import BearerAuthentication, CookieAuthentication, PasswordAuthentication
from users.last_seen import mark_seen
from users.models import Ticket, Token, hash_secret, session_credential, token_credential
from users.sessions import SessionStore

BEARERS = (
    "SELECT t.secret_hash, t.id, t.user_id, extract(epoch FROM t.expires_at)::float8 "
    "FROM users_token t JOIN users_user u ON u.id = t.user_id "
    "WHERE t.secret_hash = ANY(%s) AND t.expires_at > now() AND u.is_active"
)


class Identity(NamedTuple):
    """`credential` is what log.revoke() may end; `expires_at`, in seconds since 1970, is when it ends by itself."""

    user_id: int
    credential: str
    expires_at: float | None


def identify(scope: dict[str, Any], ticket: str | None) -> Identity:
    """The person behind an ASGI request or a ticket. Unauthorized where there is none; Throttled."""
    if ticket is not None:
        return _identify_ticket(ticket)
    # There is no body, and Django would break at some charsets.
    headers = [(name, value) for name, value in scope["headers"] if name != b"content-type"]
    django_request = ASGIRequest({**scope, "headers": headers}, BytesIO())
    django_request.session = SessionStore(django_request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    django_request.user = get_user(django_request)
    ways = [BearerAuthentication(), PasswordAuthentication(), CookieAuthentication()]
    request = Request(django_request, authenticators=ways)
    try:
        user, credential = request.user, request.auth
    except APIException as error:
        raise Unauthorized(str(error.detail), code=str(error.get_codes())) from error
    if not user.is_authenticated:
        raise Unauthorized
    return Identity(user.pk, str(credential), _end_of(str(credential), django_request.session))


def bearer_of(scope: dict[str, Any]) -> bytes | None:
    """The hash of the token with which an ASGI request comes; None where it comes another way."""
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    scheme, _, secret = given[0].decode("latin-1").partition(" ") if len(given) == 1 else ("", "", "")
    return hash_secret(secret.strip()) if scheme.lower() == "bearer" else None


def identify_bearers(hashes: Sequence[bytes]) -> dict[bytes, Identity]:
    """Whose tokens these are, by hash. What is no token (any more) is not there."""
    if not hashes:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(BEARERS, [list(hashes)])
        rows = cursor.fetchall()
    for _, _, user_id, _ in rows:
        mark_seen(user_id)
    return {
        bytes(token_hash): Identity(user_id, token_credential(token_id), expires_at)
        for token_hash, token_id, user_id, expires_at in rows
    }


def invalid_token() -> Unauthorized:
    return Unauthorized("This token is not valid, or no longer.", code="invalid_token")


def _end_of(credential: str, session: Any) -> float | None:
    kind, _, name = credential.partition(":")
    # A token or a session that is gone by now ends at once.
    if kind == "token":
        token = Token.objects.filter(pk=name).first()
        return token.expires_at.timestamp() if token else 0.0
    if kind == "session":
        # Its own get_expiry_date() would count from now on.
        row = Session.objects.filter(pk=session.session_key).first()
        return row.expire_date.timestamp() if row else 0.0
    return None


def _identify_ticket(secret: str) -> Identity:
    ticket = actions.redeem_ticket(secret)
    if ticket is None or not ticket.user.is_active:
        raise Unauthorized("This ticket is not valid, or was used.", code="invalid_ticket")
    mark_seen(ticket.user_id)
    return _identity_behind(ticket)


def _identity_behind(ticket: Ticket) -> Identity:
    if ticket.token is not None:
        return Identity(ticket.user_id, ticket.token.credential, ticket.token.expires_at.timestamp())
    if ticket.session_key:
        session = Session.objects.filter(pk=ticket.session_key, expire_date__gt=timezone.now()).first()
        if session is None:
            raise Unauthorized("The session of this ticket has ended.", code="invalid_ticket")
        return Identity(ticket.user_id, session_credential(ticket.session_key), session.expire_date.timestamp())
    return Identity(ticket.user_id, f"password:{ticket.user_id}", None)
