"""People, tokens and tickets over HTTP."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.errors import Forbidden, Invalid
from chatserver.events import log
from chatserver.http.bodies import validated
from chatserver.http.openapi import CURSOR_PARAMETERS, paged, path_id, query_number
from chatserver.http.pagination import Cursor, key_page
from chatserver.http.parameters import object_id, whole_number
from chatserver.http.throttling import Rate, Throttle
from chatserver.times import api_time
from users import access, actions
from users.access import caller
from users.authentication import check_login, client_address, count_attempt
from users.models import Token
from users.serializers import (
    LoginSerializer,
    OnlineSerializer,
    PasswordSerializer,
    ProfileSerializer,
    RegistrationSerializer,
    TicketSerializer,
    TokenSerializer,
    UserSerializer,
    check_new_password,
    shown_person,
    shown_user,
)

registration_throttle = Throttle(
    "registration", Rate.parse(settings.CHAT_THROTTLE_REGISTRATION, "CHAT_THROTTLE_REGISTRATION"), is_shared=True
)


class UserViewSet(viewsets.ViewSet):
    """People."""

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action == "create" else [IsAuthenticated()]

    @extend_schema(
        parameters=[
            query_number("user_id", "answers with this one user"),
            OpenApiParameter("q", str, description="the beginning of a username"),
            *CURSOR_PARAMETERS,
        ],
        responses=PolymorphicProxySerializer(
            component_name="UserOrPage",
            serializers=[UserSerializer, paged(UserSerializer)],
            resource_type_field_name=None,
            many=False,
        ),
    )
    def list(self, request: Request) -> Response:
        """One user by `?user_id=`, else a page of people, by `?q=` those whose name begins so."""
        viewer = caller(request)
        if "user_id" in request.query_params:
            user_id = whole_number(request.query_params["user_id"], "user_id")
            return Response(shown_user(access.user_for(viewer, user_id), viewer))
        cursor = Cursor(request)
        prefix = request.query_params.get("q", "")
        people = access.search_people(viewer, prefix, cursor)
        return key_page(people, cursor, lambda user: shown_user(user, viewer), lambda user: user.pk)

    @extend_schema(request=RegistrationSerializer, responses={201: UserSerializer})
    def create(self, request: Request) -> Response:
        """Register."""
        if not (request.user.is_authenticated and caller(request).is_trusted):
            registration_throttle.spend(request._request, client_address(request._request))
        user = actions.register_user(**validated(RegistrationSerializer, request), by=request.user)
        return Response(shown_user(user, user), status=201)

    @extend_schema(parameters=[path_id("id", "of a user")], responses=UserSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(shown_user(access.user_for(caller(request), object_id(pk)), caller(request)))

    @extend_schema(responses={204: None})
    def delete_own(self, request: Request) -> Response:
        """Delete the current user. What he wrote stays, as from a deleted user."""
        actions.delete_user(caller(request))
        return Response(status=204)

    @extend_schema(request=ProfileSerializer, responses=UserSerializer)
    @action(detail=False, methods=["get", "patch"])
    def me(self, request: Request) -> Response:
        """The current user, and changes to him."""
        user = caller(request)
        if request.method == "PATCH":
            user = actions.update_profile(user, validated(ProfileSerializer, request))
        return Response(shown_user(user, user))

    @extend_schema(request=PasswordSerializer, responses={204: None})
    @action(detail=False, methods=["put"], url_path="me/password")
    def password(self, request: Request) -> Response:
        """Change the password. All tokens and streams of the user end."""
        user = caller(request)
        body = validated(PasswordSerializer, request)
        check_new_password(body["new_password"], user, "new_password")
        count_attempt(request._request, user.username)
        if not user.check_password(body["current_password"]):
            raise Forbidden("The current password is not right.", code="wrong_password")
        actions.change_password(user, body["new_password"])
        return Response(status=204)

    @extend_schema(responses=OnlineSerializer)
    @action(detail=False)
    def online(self, request: Request) -> Response:
        """Who is online, among the people I share a room with."""
        shared = log.sharing_a_topic(caller(request).pk, list(access.online_ids()))
        people = access.people_for(caller(request)).filter(pk__in=shared).order_by("pk")
        return Response({"results": [shown_person(user) for user in people]})


class TokenViewSet(viewsets.ViewSet):
    """Bearer tokens."""

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action == "create" else [IsAuthenticated()]

    def get_authenticators(self) -> list[Any]:
        # A login must work whatever stale token or cookie comes along with it.
        method = getattr(self.request, "method", None) or ""
        return [] if self.action_map.get(method.lower()) == "create" else super().get_authenticators()

    @extend_schema(request=LoginSerializer, responses={201: TokenSerializer})
    def create(self, request: Request) -> Response:
        """Log in: a token for a username and password."""
        user = check_login(request._request, **validated(LoginSerializer, request))
        secret, token = actions.issue_token(user)
        body = {"token": secret, "expires_at": api_time(token.expires_at), "user": shown_user(user, user)}
        return Response(body, status=201)

    @extend_schema(responses={204: None})
    @action(detail=False, methods=["delete"])
    def current(self, request: Request) -> Response:
        """Log out: end the token that this request came with, and its streams."""
        if not str(request.auth).startswith("token:"):
            raise Invalid("This request did not come with a token.", code="no_token")
        token = Token.of_credential(str(request.auth))
        if token is not None:  # else somebody else has just ended it
            actions.revoke_token(token)
        return Response(status=204)


class TicketViewSet(viewsets.ViewSet):
    """Tickets for streams."""

    @extend_schema(request=None, responses={201: TicketSerializer})
    def create(self, request: Request) -> Response:
        """A ticket that opens one stream, once, within 30 s."""
        kind, _, token_id = str(request.auth).partition(":")
        ticket = actions.issue_ticket(
            caller(request),
            token_id=int(token_id) if kind == "token" else None,
            session_key=request.session.session_key or "" if kind == "session" else "",
        )
        return Response({"ticket": ticket, "expires_in": actions.TICKET_SECONDS}, status=201)
