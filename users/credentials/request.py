"""The credentials that a request carries, from Django or from ASGI."""

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, parse_cookie

from chatserver.http.asgi_types import Scope, header
from chatserver.http.authorization import Authorization, authorization_in, authorization_of
from chatserver.http.client_address import address_in, address_of
from users.sessions import SessionStore

# Names the person whom a service key acts for.
ON_BEHALF_OF = "Chat-On-Behalf-Of"


class RequestCredentials(NamedTuple):
    """Everything that a kind of credential may read.

    `address` is the client's. `request` is for throttles, which note on it how many attempts are left; None for a
    stream, whose refusals do not say that. `on_behalf_of` is the value of ON_BEHALF_OF.
    """

    authorization: Authorization | None
    session: SessionStore | None
    ticket: str | None
    address: str
    request: HttpRequest | None
    on_behalf_of: str | None = None


def credentials_of(request: HttpRequest) -> RequestCredentials:
    """Those of a Django request."""
    # API requests with a bearer token skip the middleware for sessions.
    session = getattr(request, "session", None)
    on_behalf_of = request.META.get("HTTP_CHAT_ON_BEHALF_OF")
    return RequestCredentials(authorization_of(request), session, None, address_of(request), request, on_behalf_of)


def credentials_in(scope: Scope, ticket: str | None) -> RequestCredentials:
    """The credentials of an ASGI request, with the ticket in its query."""
    key = parse_cookie(header(scope, b"cookie", "; ") or "").get(settings.SESSION_COOKIE_NAME)
    on_behalf_of = header(scope, ON_BEHALF_OF.lower().encode())
    return RequestCredentials(authorization_in(scope), SessionStore(key), ticket, address_in(scope), None, on_behalf_of)
