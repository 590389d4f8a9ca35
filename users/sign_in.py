"""Signing in and out with a session cookie."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user, login, logout
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from chatserver.errors import Conflict, Forbidden
from users.access.credentials import credential_named
from users.access.names import check_not_reserved
from users.actions.credentials import end_session, note_session
from users.actions.people import create_user
from users.credentials.identity import Identity
from users.credentials.login_throttles import count_attempt, remember_address
from users.credentials.passwords import check_login, failure_logged, invalid_login
from users.credentials.request import RequestCredentials, credentials_of
from users.models import User
from users.usernames import check_username, normal_username

# What can't be undone needs a sign-in of this time: a computer may be left alone, a token may be stolen.
RECENT_SIGN_IN = timedelta(minutes=15)
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
        end_session(former.pk, request.session.session_key)
    remember_address(credentials, username)
    login(request, user, backend=SESSION_BACKEND)
    return user


@receiver(user_logged_in)
def note_sign_in(request: HttpRequest, user: User, **_: Any) -> None:
    """Note whose the session is. A signal of Django's: the admin's own page signs in without sign_in()."""
    if request.session.session_key is None:
        request.session.save()
    note_session(user, request.session.session_key or "")


def check_signed_in_lately(identity: Identity) -> None:
    """Forbidden unless the token was made, or the session signed in, within RECENT_SIGN_IN. A password is enough."""
    if identity.kind == "password":
        return
    credential = credential_named(identity.credential)
    if credential is None or credential.created_at < timezone.now() - RECENT_SIGN_IN:
        raise Forbidden("Sign in again: this needs a sign-in of the last 15 minutes.", code="sign_in_again")


def passwordless_user(credentials: RequestCredentials, username: str) -> User:
    """The active user with this name and no password, created if there is none; only with CHAT_PASSWORDLESS_LOGIN.

    Never staff, superusers and services, nor people of a host product, who come in by JWT. Nobody is created where
    registration is closed.
    """
    name = normal_username(username)
    known = None if name is None else User.objects.named(name).first()
    with failure_logged(credentials, known):
        count_attempt(credentials, username)
        if name is None or not settings.CHAT_PASSWORDLESS_LOGIN:
            raise invalid_login()
        user = known or _register_by_name(name)
        if user.has_usable_password() or user.is_privileged or not user.is_active:
            raise invalid_login()
        if user.external_identities.exists():
            raise invalid_login()
    return user


def _register_by_name(name: str) -> User:
    """A new user with this name; the one whom another request has just made. Unauthorized if nobody may have it."""
    if not settings.CHAT_OPEN_REGISTRATION:
        raise invalid_login()
    try:
        check_username(name)
        check_not_reserved(name)
        return create_user(name)
    except (ValidationError, Conflict) as error:
        found = User.objects.named(name).first()
        if found is None:
            raise invalid_login() from error
        return found


@transaction.atomic
def sign_out(request: HttpRequest, user: User) -> None:
    """End the session that the request came with, its tickets and streams."""
    if request.session.session_key:
        end_session(user.pk, request.session.session_key)
    logout(request)
