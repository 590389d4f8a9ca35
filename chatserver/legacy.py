"""The routes of the old chat-service, at the root. Thin adapters: delete this file and its include to retire them.

Old clients know no CSRF token; instead these routes refuse what another site sent (Sec-Fetch-Site, Origin). The stream
of the same system is the dialect LEGACY of chats/stream.
"""

from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_django_session
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.urls import re_path
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.access import DEEPEST_ROW, latest_in
from chats.actions import send_message
from chats.models import Message
from chats.serializers import NewMessageSerializer
from chatserver.api import whole_number
from chatserver.errors import ChatError, Forbidden, Invalid, NotFound, Unauthorized
from chatserver.problems import as_chat_error
from rooms.access import direct_membership, membership_for, memberships_of
from rooms.actions import open_direct_room
from rooms.legacy_names import legacy_room, legacy_room_id
from rooms.models import Membership
from users import actions
from users.access import active_people, online_ids, people_for
from users.authentication import BearerAuthentication, CookieAuthentication, PasswordAuthentication, check_login
from users.models import Token, User
from users.views import caller

LARGEST_PAGE = 100
BAD_LOGIN = "Invalid username or password"
SESSION_BACKEND = "django.contrib.auth.backends.ModelBackend"


def legacy_error_body(error: ChatError, request_id: str) -> tuple[bytes, bytes]:
    """The content type and body of an error: the old ones."""
    return b"application/json", msgspec.json.encode({"message": error.detail})


class OldCookieAuthentication(CookieAuthentication):
    """The session, without a CSRF token: LegacyView looks at where the request comes from."""

    def enforce_csrf(self, request: Request) -> None:
        return


class JsonWhateverAccepted(DefaultContentNegotiation):
    """JSON, as the old service did, whatever type the client says it accepts."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class LegacyView(APIView):
    """What the old routes share: their ways to come, their errors, their refusal of other sites."""

    content_negotiation_class = JsonWhateverAccepted
    authentication_classes = [BearerAuthentication, PasswordAuthentication, OldCookieAuthentication]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        refuse_other_sites(request._request)
        super().initial(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        error = as_chat_error(exc)
        if error is None:
            raise exc
        status = error.status if error.status in {400, 401, 403, 404, 405, 413, 429, 503} else 400
        response = Response({"message": error.detail}, status=status)
        if error.retry_after is not None:
            response["Retry-After"] = str(error.retry_after)
        response.exception = True
        return response


def refuse_other_sites(request: HttpRequest) -> None:
    """Forbidden for what a page of another site sent, if that is not trusted. Other clients tell neither header."""
    origin = request.META.get("HTTP_ORIGIN")
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return
    if request.META.get("HTTP_SEC_FETCH_SITE", "none") not in {"same-origin", "same-site", "none"}:
        raise Forbidden("Requests from other sites are refused.")
    if origin is not None and _host_of(origin) != request.get_host():
        raise Forbidden("Requests from other sites are refused.")


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def field(request: Request, name: str) -> str | None:
    """A parameter from the body (JSON or a form, whatever type the client says it sends) or the query, as text."""
    value = _body(request._request).get(name, request.query_params.get(name))
    if value is not None and not isinstance(value, str | int):
        raise Invalid(f"{name} must be a text.")
    if "\0" in str(value):
        raise Invalid(f"{name} must not contain NUL.")
    return None if value is None else str(value)


def _body(request: HttpRequest) -> dict[str, Any]:
    if request.content_type == "multipart/form-data":
        return request.POST.dict()
    text = request.body.strip()
    if text[:1] not in {b"{", b"["}:
        return QueryDict(text).dict()
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("The body is not a JSON object.") from error


def shown(user: User) -> dict[str, str]:
    return {"id": str(user.pk), "username": user.username}


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


class UsersView(LegacyView):
    """`?ids[]=1&ids[]=2`: these people, and whether they are online."""

    def get(self, request: Request) -> Response:
        user_ids = [whole_number(text, "ids[]") for text in request.query_params.getlist("ids[]")[:LARGEST_PAGE]]
        online = online_ids()
        people = User.objects.filter(pk__in=user_ids).order_by("pk")
        return Response({str(user.pk): shown(user) | {"online": user.pk in online} for user in people})


class OnlineView(LegacyView):
    """Everybody who is online."""

    def get(self, request: Request) -> Response:
        people = people_for(caller(request)).filter(pk__in=online_ids()).order_by("pk")
        return Response({str(user.pk): shown(user) | {"online": True} for user in people})


class RoomsView(LegacyView):
    """One's own rooms, most recently active first and General last."""

    def get(self, request: Request, user_id: str) -> Response:
        if user_id != str(request.user.pk):
            raise Forbidden("You may only list your own rooms.")
        mine = memberships_of(caller(request)).filter(room__archived_at=None)
        rooms = [member.room for member in mine.order_by("-room__last_active_at", "-room_id")]
        return Response([legacy_room(room) for room in sorted(rooms, key=lambda room: room.is_general)])


class RoomView(LegacyView):
    """`{"user1":1,"user2":3}`: opens the direct room of oneself and another."""

    def post(self, request: Request) -> Response:
        pair = [whole_number(field(request, name), name) for name in ("user1", "user2")]
        if request.user.pk not in pair:
            raise Forbidden("You may only open rooms of your own.")
        other_id = pair[1] if pair[0] == request.user.pk else pair[0]
        room, is_new = open_direct_room(caller(request), active_people([other_id])[0])
        return Response(legacy_room(room), status=201 if is_new else 200)


class MessagesView(LegacyView):
    """A room's messages, newest first, and new ones."""

    def get(self, request: Request, room_name: str) -> Response:
        room = old_membership(caller(request), room_name).room
        offset = whole_number(request.query_params.get("offset", 0), "offset", most=DEEPEST_ROW)
        size = whole_number(request.query_params.get("size", 50), "size", least=1, most=LARGEST_PAGE)
        return Response([shown_old(message) for message in latest_in(room)[offset : offset + size]])

    def post(self, request: Request, room_name: str) -> Response:
        room = old_membership(caller(request), room_name).room
        body = NewMessageSerializer(data={"room_id": room.pk, "message": field(request, "message")})
        body.is_valid(raise_exception=True)
        message, _ = send_message(caller(request), room, body.validated_data["message"])
        return Response(shown_old(message), status=201)


def old_membership(user: User, room_name: str) -> Membership:
    """The user's membership in a room by its old name, "1:3" or "0"; NotFound where it is not his."""
    try:
        ids = [whole_number(part, "room_id") for part in room_name.split(":")]
    except Invalid as error:
        raise NotFound("There is no such room.") from error
    if len(ids) == 1:
        return membership_for(user, ids[0])
    return direct_membership(user, ids)


def shown_old(message: Message) -> dict[str, Any]:
    return {
        "date": message.sent_at.timestamp(),
        "from": message.sender_id,
        "message": "" if message.removed_at else message.text,
        "roomId": legacy_room_id(message.room_id, message.sender_id, message.recipient_id),
    }


urlpatterns = [
    re_path(r"^login/?$", LoginView.as_view()),
    re_path(r"^logout/?$", LogoutView.as_view()),
    re_path(r"^me/?$", MeView.as_view()),
    re_path(r"^users/online/?$", OnlineView.as_view()),
    re_path(r"^users/?$", UsersView.as_view()),
    re_path(r"^rooms/(?P<user_id>[^/]+)/?$", RoomsView.as_view()),
    re_path(r"^room/?$", RoomView.as_view()),
    re_path(r"^room/(?P<room_name>[^/]+)/messages/?$", MessagesView.as_view()),
]
