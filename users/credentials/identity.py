"""What every kind of credential comes to."""

from typing import NamedTuple

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
