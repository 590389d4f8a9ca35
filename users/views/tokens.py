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
from chatserver.http.openapi import CURSOR_PARAMETERS, credentials, paged, path_id
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import OWN, Outsiders, outsiders_get
from chatserver.http.pagination import Cursor, key_page
from chatserver.http.parameters import object_id
from chatserver.http.password_routes import hashes_passwords
from chatserver.http.scopes import ANY_KEY, NO_KEY, needs_scope
from chatserver.times import api_time
from users.access.credentials import credential_of, credentials_page
from users.access.people import caller
from users.actions.credentials import issue_token, revoke_credential
from users.credentials.identity import identity_of
from users.credentials.passwords import check_login
from users.credentials.request import credentials_of
from users.credentials.resolver import refuse_to_act
from users.models import MAX_PASSWORD, Token
from users.serializers.credentials import CredentialSerializer, LoginSerializer, TokenSerializer, shown_credential
from users.serializers.people import shown_user
from users.usernames import MAX_RAW_USERNAME


class TokenViewSet(viewsets.ViewSet):
    """Bearer tokens, and what else one is signed in with."""

    key_scope = NO_KEY
    outsiders = Outsiders("not_found")

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action == "create" else [IsAuthenticated()]

    def get_authenticators(self) -> list[Any]:
        # A login must work even if the request has a stale token or cookie.
        method = getattr(self.request, "method", None) or ""
        return [] if self.action_map.get(method.lower()) == "create" else super().get_authenticators()

    @needs_scope(ANY_KEY)
    @outsiders_get("invalid_credentials", key_for_stranger="scope_missing", key_without_act_as="scope_missing")
    @hashes_passwords
    @accepts_texts(MAX_RAW_USERNAME + MAX_PASSWORD)
    @extend_schema(request=LoginSerializer, responses={201: TokenSerializer})
    @refuses("invalid_credentials")
    def create(self, request: Request) -> Response:
        """Log in: a token for a username and password."""
        presented = credentials_of(request._request)
        refuse_to_act(presented)
        user = check_login(presented, **validated(LoginSerializer, request))
        secret, token = issue_token(user)
        body = {"token": secret, "expires_at": api_time(token.expires_at), "user": shown_user(user, user)}
        return Response(body, status=201)

    @outsiders_get(OWN)
    @extend_schema(
        summary="My tokens and sessions", parameters=CURSOR_PARAMETERS, responses=paged(CredentialSerializer)
    )
    def list(self, request: Request) -> Response:
        """One's own valid tokens and sessions, by id, the oldest first. Nobody can see their secrets."""
        cursor = Cursor(request)
        current = identity_of(request).credential
        found = credentials_page(caller(request), cursor)
        return key_page(found, cursor, lambda one: shown_credential(one, current), lambda one: one.pk)

    @extend_schema(
        summary="End a token or a session",
        parameters=[path_id("id", "of a token or a session of GET /api/v1/tokens/")],
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """End one of one's tokens or sessions, its tickets, and the streams that it opened."""
        revoke_credential(credential_of(caller(request), object_id(pk)))
        return Response(status=204)

    @outsiders_get(OWN, other_customer="no_token")
    @extend_schema(auth=credentials("bearer"), responses={204: None})
    @refuses("no_token")
    @action(detail=False, methods=["delete"])
    def current(self, request: Request) -> Response:
        """Log out: end the token that this request came with, and its streams."""
        if identity_of(request).kind != "token":
            raise Invalid("This request did not come with a token.", code="no_token")
        token = Token.of_credential(identity_of(request).credential)
        if token is not None:  # else another request has just ended it
            revoke_credential(token)
        return Response(status=204)
