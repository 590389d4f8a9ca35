"""Who sends a request: what every kind of credential resolves to."""

from typing import NamedTuple, cast

from rest_framework.request import Request

from chatserver.errors import ChatError
from users.models import User


class Identity(NamedTuple):
    """A user, and the credential that the request carries: a Caller, see chatserver/http/caller.py.

    `credential` names it without its secret ("token:7", "jwt:3", "session:ab…", "password:5", "key:3");
    log.revoke() ends the streams of one credential. `expires_at` is when it expires, in seconds since 1970; None where
    it never does.
    With a service key, `user` is its service account or the person whom it acts for.
    """

    user: User
    credential: str
    expires_at: float | None
    service_id: int | None = None
    scopes: frozenset[str] = frozenset()
    refusal: ChatError | None = None

    @property
    def user_id(self) -> int:
        return self.user.pk

    @property
    def kind(self) -> str:
        """token, jwt, session, password or key."""
        return self.credential.partition(":")[0]

    @property
    def is_bearer(self) -> bool:
        """Whether it came as a bearer token, of whatever kind: without a cookie, and without a session of Django."""
        return self.kind not in {"session", "password"}

    @property
    def is_acting(self) -> bool:
        return self.service_id is not None and self.service_id != self.user_id


def identity_of(request: Request) -> Identity:
    """The identity behind an authenticated REST request."""
    return cast(Identity, request.auth)
