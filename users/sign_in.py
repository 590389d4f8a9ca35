"""Signing in and out with a session cookie."""

from django.conf import settings
from django.contrib.auth import get_user, login, logout
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.http import HttpRequest

from chatserver.errors import Conflict
from users import actions
from users.credentials.login_throttles import count_attempt
from users.credentials.passwords import check_login, invalid_login
from users.credentials.request import RequestCredentials, credentials_of
from users.models import User

SESSION_BACKEND = "django.contrib.auth.backends.ModelBackend"


def sign_in(request: HttpRequest, username: str, password: str | None) -> User:
    """Start a session. Another user's session that the request came with ends, and its streams.

    No password: see passwordless_user(). Unauthorized, the same for every reason; Throttled for too many.
    """
    credentials = credentials_of(request)
    if password is None:
        user = passwordless_user(credentials, username)
    else:
        user = check_login(credentials, username, password)
    former = get_user(request)
    if former.is_authenticated and former != user and request.session.session_key:
        actions.end_session(former.pk, request.session.session_key)
    login(request, user, backend=SESSION_BACKEND)
    return user


def passwordless_user(credentials: RequestCredentials, username: str) -> User:
    """The active user with this name and no password, created if there is none; only with CHAT_PASSWORDLESS_LOGIN."""
    username = User.normalize_username(username)
    count_attempt(credentials, username)
    try:
        User.username_validator(username)
        MaxLengthValidator(150)(username)
    except ValidationError as error:
        raise invalid_login() from error
    if not settings.CHAT_PASSWORDLESS_LOGIN:
        raise invalid_login()
    user = User.objects.named(username).first() or _create_or_get(username)
    if user.has_usable_password() or not user.is_active:
        raise invalid_login()
    return user


def _create_or_get(username: str) -> User:
    """Create a user; one whom another request has just created under this name is them."""
    try:
        return actions.create_user(username)
    except Conflict:
        return User.objects.named(username).get()


@transaction.atomic
def sign_out(request: HttpRequest, user: User) -> None:
    """End the session that the request came with, its tickets and streams."""
    if request.session.session_key:
        actions.end_session(user.pk, request.session.session_key)
    logout(request)
