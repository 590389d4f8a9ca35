"""Who sends a request: what every kind of credential resolves to."""

from typing import NamedTuple, cast

from rest_framework.request import Request

from users.models import User


class Identity(NamedTuple):
    """A user, and the credential of theirs that the request carries.

    `credential` names it without its secret ("token:7", "session:ab…", "password:5"); log.revoke() ends the streams of
    one credential. `expires_at` is when it expires, in seconds since 1970; None where it never does.
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
    """The identity behind an authenticated REST request."""
    return cast(Identity, request.auth)
