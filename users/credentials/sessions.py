"""The cookie of a Django session. Writes over REST also need the CSRF token: see users/authentication.py."""

from django.contrib.auth import get_user

from users.credentials.identity import Identity
from users.credentials.request import RequestCredentials
from users.models import User, session_credential


def claims(credentials: RequestCredentials) -> bool:
    return credentials.session is not None and credentials.session.session_key is not None


def identify(credentials: RequestCredentials) -> Identity | None:
    """None for a session that has ended: a browser goes on sending its cookie, also when it signs in."""
    session = credentials.session
    assert session is not None
    user = get_user(credentials)  # type: ignore[arg-type]  # Django reads no more of a request than its session
    if not isinstance(user, User) or session.loaded_expiry is None:
        return None
    return Identity(user, session_credential(session.session_key or ""), session.loaded_expiry.timestamp())
