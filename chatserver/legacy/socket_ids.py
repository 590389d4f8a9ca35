"""The id of a connection to /socket.io/, which a client sends back with each request.

Browsers send their session's cookie along, too. Other clients send it with the first request alone, and have shown by
that id whose session it was. It holds as long as the session, and for an hour at most: it stands in addresses, which
are logged.
"""

from django.core import signing
from rest_framework.request import Request

from chatserver.legacy.base import LegacyAuthentication
from chatserver.storage.rows import one_or_none
from users.access.credentials import sessions_of
from users.credentials.identity import Identity, identity_of
from users.models import User

SALT = "chatserver.legacy.socket_ids"
SOCKET_ID_SECONDS = 3600


def new_socket_id(request: Request) -> str:
    """An id for a connection of this request's person."""
    identity = identity_of(request)
    return signing.dumps([identity.user_id, identity.credential], salt=SALT)


class SocketAuthentication(LegacyAuthentication):
    """Every kind of credential, or else the id of a connection that was opened with a session."""

    def authenticate(self, request: Request) -> tuple[User, Identity] | None:
        found = super().authenticate(request) or _owner_of(request.query_params.get("sid", ""))
        if found is not None:
            request._request.acting_user_id = found[0].pk  # type: ignore[attr-defined]  # for the log of requests
        return found


def _owner_of(socket_id: str) -> tuple[User, Identity] | None:
    """Whose id this is; None where it is not one of ours, is too old, or their session has ended."""
    try:
        user_id, credential = signing.loads(socket_id, salt=SALT, max_age=SOCKET_ID_SECONDS)
    except signing.BadSignature:
        return None
    user = one_or_none(User.objects.filter(pk=user_id, is_active=True))
    if user is None or not sessions_of(user).filter(credential=credential).exists():
        return None
    return user, Identity(user, credential, None)
