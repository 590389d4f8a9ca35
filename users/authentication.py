"""DRF's adapter of the resolver of credentials."""

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from chatserver.http.problems import CHALLENGE
from users.credentials import resolver, sessions
from users.credentials.identity import Identity
from users.credentials.request import credentials_of
from users.last_seen import mark_seen
from users.models import User


class CredentialAuthentication(SessionAuthentication):
    """Every kind of credential. Sets `request.auth` to an Identity.

    Writes with a session need the CSRF token: a browser sends the cookie along for other sites, too.
    """

    def authenticate(self, request: Request) -> tuple[User, Identity] | None:
        credentials = credentials_of(request._request)
        kind = resolver.kind_of(credentials)
        identity = None if kind is None else kind.identify(credentials)
        if identity is None:
            return None
        if kind is sessions:
            self.enforce_csrf(request)
        mark_seen(identity.user_id, identity.credential)
        request._request.acting_user_id = identity.user_id  # type: ignore[attr-defined]  # for the log of requests
        return identity.user, identity

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE
