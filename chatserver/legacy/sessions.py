"""Logging in, logging out, and who one is."""

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_django_session
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.http import HttpRequest
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.errors import Forbidden, Invalid, NotFound, Unauthorized
from chatserver.http.error_translation import as_chat_error
from chatserver.legacy.base import LegacyView, field, shown
from users import actions
from users.access import caller
from users.authentication import check_login
from users.models import Token, User

BAD_LOGIN = "Invalid username or password"
SESSION_BACKEND = "django.contrib.auth.backends.ModelBackend"


class LoginView(LegacyView):
    """A session for a name; without a password only where the settings allow it and the user has none."""

    permission_classes = [AllowAny]
    authentication_classes = []

    def get(self, request: Request) -> Response:
        username, password = field(request, "username"), field(request, "password")
        if not username:
            raise Invalid("A username is needed.")
        user = check_login(request._request, username, password) if password else passwordless_user(username)
        end_session_of_another(request._request, user)
        start_session(request._request, user, backend=SESSION_BACKEND)
        return Response(shown(user))

    post = get

    def handle_exception(self, exc: Exception) -> Response:
        error = as_chat_error(exc)
        return super().handle_exception(Unauthorized(BAD_LOGIN) if error and error.status == 401 else exc)


def end_session_of_another(request: HttpRequest, user: User) -> None:
    """Whoever logs in over somebody else's session ends it, and its streams with it."""
    former = get_user(request)
    if former.is_authenticated and former != user and request.session.session_key:
        actions.end_session(former.pk, request.session.session_key)


def passwordless_user(username: str) -> User:
    """The user with this name and without a password, created if need be; Unauthorized in every other case."""
    if not settings.CHAT_PASSWORDLESS_LOGIN:
        raise Unauthorized(BAD_LOGIN)
    username = User.normalize_username(username)
    try:
        User.username_validator(username)
        MaxLengthValidator(150)(username)
    except ValidationError as error:
        raise Unauthorized(BAD_LOGIN) from error
    user = User.objects.named(username).first() or actions.create_user(username)
    if user.has_usable_password() or not user.is_active:
        raise Unauthorized(BAD_LOGIN)
    return user


class LogoutView(LegacyView):
    """Ends the session, whatever name the body has; another's name is refused to ordinary people."""

    def get(self, request: Request) -> Response:
        me, username = caller(request), field(request, "username")
        target: User | None = me
        if username is not None and username.lower() != me.username.lower():
            if not me.is_trusted:
                raise Forbidden("You may only log yourself out.")
            target = User.objects.named(username).first()
        if target is None:
            raise NotFound("There is no such user.")
        end_everything(request, target)
        return Response({"message": f"User {target.pk} has been logged out"})

    post = get


@transaction.atomic
def end_everything(request: Request, target: User) -> None:
    """End the session or the token that the caller came with, or everything of somebody else."""
    token = Token.of_credential(str(request.auth))
    if target.pk != request.user.pk:
        actions.log_out_everywhere(target)
    elif token is not None:
        actions.revoke_token(token)
    elif request.session.session_key:
        actions.end_session(target.pk, request.session.session_key)
        end_django_session(request._request)


class MeView(LegacyView):
    """Who the session belongs to, or null."""

    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        return Response(shown(caller(request)) if request.user.is_authenticated else None)
