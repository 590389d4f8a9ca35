"""DRF's adapter of the resolver of credentials."""

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from chatserver.http.caller import permit
from chatserver.http.problems import CHALLENGE
from chatserver.http.scopes import need_of
from users.credentials import resolver
from users.credentials.identity import Identity
from users.credentials.request import credentials_of
from users.last_seen import mark_seen
from users.models import User


class CredentialAuthentication(SessionAuthentication):
    """Every kind of credential. Sets `request.auth` to an Identity, whose scopes are checked here.

    Writes with a session need the CSRF token: a browser sends the cookie along for other sites, too.
    """

    def authenticate(self, request: Request) -> tuple[User, Identity] | None:
        identity = resolver.identify(credentials_of(request._request))
        if identity is None:
            return None
        if identity.kind == "session":
            self.enforce_csrf(request)
        mark_seen(identity.service_id or identity.user_id, identity.credential)
        request._request.caller = identity  # type: ignore[attr-defined]  # for the audit
        request._request.acting_user_id = identity.user_id  # type: ignore[attr-defined]  # for the log of requests
        permit(identity, need_of(request.parser_context.get("view"), request.method or ""))
        return identity.user, identity

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE
