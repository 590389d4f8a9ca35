"""The session of a browser over HTTP."""

from typing import Any

from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.errors import Invalid
from chatserver.http.bodies import validated
from chatserver.http.body_limits import accepts_texts
from chatserver.http.openapi import credentials
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import OWN, Outsiders, outsiders_get
from chatserver.http.password_routes import hashes_passwords
from chatserver.http.scopes import ANY_KEY, NO_KEY, needs_scope
from users.access.people import caller
from users.authentication import CredentialAuthentication
from users.credentials.identity import identity_of
from users.models import MAX_PASSWORD
from users.serializers.credentials import SessionSerializer, SignInSerializer, shown_session
from users.sign_in import sign_in, sign_out
from users.usernames import MAX_RAW_USERNAME


class SessionViewSet(viewsets.ViewSet):
    """Who is asking, and sign-in and sign-out with a cookie."""

    key_scope = NO_KEY
    # Bearer tokens of any kind come without a session.
    outsiders = Outsiders("no_session")

    def get_permissions(self) -> list[Any]:
        return [IsAuthenticated()] if self.action == "delete_own" else [AllowAny()]

    @needs_scope(ANY_KEY)
    @outsiders_get(OWN)
    @extend_schema(operation_id="session_retrieve", summary="Who am I", responses=SessionSerializer)
    def list(self, request: Request) -> Response:
        """Who is asking, by what kind of credential, and when it expires (null: never).

        All three are null for a request without credentials, or with a session that has ended. Sets the cookie
        `csrftoken`, except for a request with a token.
        """
        if not request.user.is_authenticated:
            get_token(request._request)
            return Response(shown_session(None, None, None))
        identity = identity_of(request)
        if identity.kind == "session":
            get_token(request._request)
        return Response(shown_session(identity.user, identity.kind, identity.expires_at))

    @outsiders_get("no_session", nobody="invalid_credentials")
    @hashes_passwords
    @accepts_texts(MAX_RAW_USERNAME + MAX_PASSWORD)
    @extend_schema(
        summary="Sign in",
        auth=credentials("cookie", "basic", ""),
        request=SignInSerializer,
        responses={201: SessionSerializer},
    )
    @refuses("no_session")
    def create(self, request: Request) -> Response:
        """Start a session and set its cookie. Needs the header X-CSRFToken, as every write with a cookie.

        `password` may be left out where the server has CHAT_PASSWORDLESS_LOGIN on and the person has none. If the
        request came with another person's session, that session ends, and its streams.
        """
        if request.user.is_authenticated and identity_of(request).is_bearer:
            raise Invalid("A session can't be started by a request with a token.", code="no_session")
        CredentialAuthentication().enforce_csrf(request)
        body = validated(SignInSerializer, request)
        user = sign_in(request._request, body["username"], body.get("password"))
        return Response(shown_session(user, "session", request.session.get_expiry_date().timestamp()), status=201)

    @extend_schema(summary="Sign out", auth=credentials("cookie"), responses={204: None})
    @refuses("no_session")
    def delete_own(self, request: Request) -> Response:
        """End the session that this request came with, its tickets and streams, and delete its cookie."""
        if identity_of(request).kind != "session":
            raise Invalid("This request did not come with a session.", code="no_session")
        sign_out(request._request, caller(request))
        return Response(status=204)
