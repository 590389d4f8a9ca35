"""Bearer tokens over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.errors import Invalid
from chatserver.http.bodies import validated
from chatserver.http.body_limits import accepts_texts
from chatserver.http.password_routes import hashes_passwords
from chatserver.times import api_time
from users import actions
from users.credentials.identity import identity_of
from users.credentials.passwords import check_login
from users.credentials.request import credentials_of
from users.models import MAX_PASSWORD, Token
from users.serializers import LoginSerializer, TokenSerializer, shown_user
from users.usernames import MAX_RAW_USERNAME


class TokenViewSet(viewsets.ViewSet):
    """Bearer tokens."""

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action == "create" else [IsAuthenticated()]

    def get_authenticators(self) -> list[Any]:
        # A login must work even if the request has a stale token or cookie.
        method = getattr(self.request, "method", None) or ""
        return [] if self.action_map.get(method.lower()) == "create" else super().get_authenticators()

    @hashes_passwords
    @accepts_texts(MAX_RAW_USERNAME + MAX_PASSWORD)
    @extend_schema(request=LoginSerializer, responses={201: TokenSerializer})
    def create(self, request: Request) -> Response:
        """Log in: a token for a username and password."""
        user = check_login(credentials_of(request._request), **validated(LoginSerializer, request))
        secret, token = actions.issue_token(user)
        body = {"token": secret, "expires_at": api_time(token.expires_at), "user": shown_user(user, user)}
        return Response(body, status=201)

    @extend_schema(responses={204: None})
    @action(detail=False, methods=["delete"])
    def current(self, request: Request) -> Response:
        """Log out: end the token that this request came with, and its streams."""
        if identity_of(request).kind != "token":
            raise Invalid("This request did not come with a token.", code="no_token")
        token = Token.of_credential(identity_of(request).credential)
        if token is not None:  # else another request has just ended it
            actions.revoke_token(token)
        return Response(status=204)
