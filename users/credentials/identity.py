"""What every kind of credential comes to."""

from typing import NamedTuple, cast

from rest_framework.request import Request

from users.models import User


class Identity(NamedTuple):
    """Who sends a request, and by what.

    `credential` names what they came with, without giving it away ("token:7", "session:ab…", "password:5"):
    log.revoke() ends the streams of one credential. `expires_at` is when it ends by itself, in seconds since 1970;
    None for what has no end.
    """

    user: User
    credential: str
    expires_at: float | None

    @property
    def user_id(self) -> int:
        return self.user.pk

    @property
    def kind(self) -> str:
        """token, session or password."""
        return self.credential.partition(":")[0]


def identity_of(request: Request) -> Identity:
    """By what an authenticated REST request came."""
    return cast(Identity, request.auth)
