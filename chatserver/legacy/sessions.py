"""Logging in, logging out, and who one is."""

from django.conf import settings
from django.db import transaction
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.errors import Forbidden, Invalid, NotFound, Unauthorized
from chatserver.http.error_translation import as_chat_error
from chatserver.http.password_routes import hashes_passwords
from chatserver.legacy.base import LegacyView, field, shown
from users.access.people import caller, check_may_log_out
from users.actions.credentials import log_out_everywhere, revoke_credential
from users.credentials.identity import identity_of
from users.models import Token, User
from users.sign_in import sign_in, sign_out

BAD_LOGIN = "Invalid username or password"


class LoginView(LegacyView):
    """A session for a name; without a password, or with any, only where the settings allow it and the user has none."""

    permission_classes = [AllowAny]
    authentication_classes = []

    @hashes_passwords
    def get(self, request: Request) -> Response:
        username, password = field(request, "username"), field(request, "password")
        if not username:
            raise Invalid("A username is needed.")
        if settings.CHAT_PASSWORDLESS_LOGIN and not has_password(username):
            # The front-end of the Redis tutorial sends a password for every name.
            password = None
        return Response(shown(sign_in(request._request, username, password or None)))

    post = get

    def handle_exception(self, exc: Exception) -> Response:
        error = as_chat_error(exc)
        return super().handle_exception(Unauthorized(BAD_LOGIN) if error and error.status == 401 else exc)


def has_password(username: str) -> bool:
    """Whether there is a user with this name, and they have a password."""
    user = User.objects.named(username).first()
    return user is not None and user.has_usable_password()


class LogoutView(LegacyView):
    """Ends the session, whatever name the body has; another's name is refused to ordinary people."""

    def get(self, request: Request) -> Response:
        me, username = caller(request), field(request, "username")
        target: User | None = me
        if username is not None:
            target = User.objects.named(username).first()
            if target is None and not me.is_trusted:
                raise Forbidden("You may only log yourself out.")
            if target is not None:
                check_may_log_out(me, target)
        if target is None:
            raise NotFound("There is no such user.")
        end_everything(request, target)
        return Response({"message": f"User {target.pk} has been logged out"})

    post = get


@transaction.atomic
def end_everything(request: Request, target: User) -> None:
    """End the session or the token that the caller came with, or everything of somebody else."""
    token = Token.of_credential(identity_of(request).credential)
    if target.pk != request.user.pk:
        log_out_everywhere(target)
    elif token is not None:
        revoke_credential(token)
    elif request.session.session_key:
        sign_out(request._request, target)


class MeView(LegacyView):
    """Who the session belongs to, or null."""

    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        return Response(shown(caller(request)) if request.user.is_authenticated else None)
