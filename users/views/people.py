"""People over HTTP."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.errors import Forbidden
from chatserver.http.bodies import validated
from chatserver.http.body_limits import accepts_texts
from chatserver.http.client_address import address_of, network_of
from chatserver.http.fields import MAX_ADDRESS
from chatserver.http.openapi import CURSOR_PARAMETERS, paged, path_id, query_number, query_numbers
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import ALL, OWN, Outsiders, outsiders_get
from chatserver.http.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursor, key_page
from chatserver.http.parameters import id_list, object_id, whole_number
from chatserver.http.password_routes import hashes_passwords
from chatserver.http.scopes import NO_KEY, needs_scope
from chatserver.http.throttling import Throttle
from chatserver.times import api_time
from users.access.people import active_people, caller, search_people, user_for, user_to_log_out
from users.access.people_online import online_people, statuses_of
from users.actions.credentials import issue_token_for, log_out_everywhere
from users.actions.people import change_password, delete_user, register_user, update_profile
from users.credentials.identity import identity_of
from users.credentials.login_throttles import count_attempt
from users.credentials.request import credentials_of
from users.examples import EXAMPLE_USER
from users.models import MAX_PASSWORD, User
from users.serializers.credentials import TokenSerializer
from users.serializers.people import (
    PasswordSerializer,
    ProfileSerializer,
    RegistrationSerializer,
    UserSerializer,
    check_new_password,
    shown_person,
    shown_user,
    shown_users,
)
from users.serializers.presence import OnlinePersonSerializer
from users.sign_in import check_signed_in_lately
from users.usernames import MAX_RAW_USERNAME

registration_throttle = Throttle("registration", settings.CHAT_THROTTLE_REGISTRATION)
profile_throttle = Throttle("profile", settings.CHAT_THROTTLE_PROFILE)
USER_ID = path_id("id", "of a user")
ONLINE_IDS = query_numbers("ids", "answers for these users alone")


class UserViewSet(viewsets.ViewSet):
    """People."""

    key_scope = "users"
    outsiders = Outsiders("not_found", services=ALL)

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.action == "create" else [IsAuthenticated()]

    @outsiders_get(OWN, services=ALL)
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
        examples=[
            OpenApiExample("a page", {"results": [EXAMPLE_USER], "next": 1, "previous": None}),
            OpenApiExample("one user", EXAMPLE_USER),
        ],
    )
    @refuses("not_found")
    def list(self, request: Request) -> Response:
        """People, by id. With `?q=` those whose name begins so; with `?user_id=` this one user, without a page."""
        viewer = caller(request)
        if "user_id" in request.query_params:
            user_id = whole_number(request.query_params["user_id"], "user_id")
            return Response(shown_user(user_for(viewer, user_id), viewer))
        cursor = Cursor(request)
        prefix = request.query_params.get("q", "")
        people = search_people(viewer, prefix, cursor)
        shown = shown_users(people, viewer)
        return key_page(shown, cursor, lambda user: user, lambda user: user["id"])

    @outsiders_get(OWN)
    @hashes_passwords
    @accepts_texts(MAX_RAW_USERNAME + MAX_ADDRESS + MAX_PASSWORD)
    @extend_schema(request=RegistrationSerializer, responses={201: UserSerializer})
    @refuses("registration_closed", "username_taken", "username_reserved")
    def create(self, request: Request) -> Response:
        """Register."""
        if not (request.user.is_authenticated and caller(request).is_trusted):
            registration_throttle.spend(request._request, network_of(address_of(request._request)))
        user = register_user(**validated(RegistrationSerializer, request), by=request.user)
        return Response(shown_user(user, user), status=201)

    @extend_schema(parameters=[USER_ID], responses=UserSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """One user, also one who is deleted: their messages point to them."""
        return Response(shown_user(user_for(caller(request), object_id(pk)), caller(request)))

    @extend_schema(summary="Log a user out everywhere", parameters=[USER_ID], request=None, responses={204: None})
    @refuses("forbidden")
    @action(detail=True, methods=["post"])
    def logout(self, request: Request, pk: str) -> Response:
        """End all tokens, sessions and streams of a user: oneself, or anybody for staff and services."""
        log_out_everywhere(user_to_log_out(caller(request), object_id(pk)))
        return Response(status=204)

    @needs_scope("users:write", only_keys=True)
    @extend_schema(
        summary="Make a token for a person", parameters=[USER_ID], request=None, responses={201: TokenSerializer}
    )
    @refuses("user_not_found", "forbidden")
    @action(detail=True, methods=["post"])
    def tokens(self, request: Request, pk: str) -> Response:
        """A token for a person, for a service key to hand on. Never for staff, superusers and services."""
        (person,) = active_people([object_id(pk)])
        secret, token = issue_token_for(person)
        shown = shown_user(person, caller(request))
        return Response({"token": secret, "expires_at": api_time(token.expires_at), "user": shown}, status=201)

    @needs_scope(NO_KEY)
    @outsiders_get(OWN, other_customer="sign_in_again")
    @extend_schema(responses={204: None})
    @refuses("sign_in_again", "conflict")
    def delete_own(self, request: Request) -> Response:
        """Delete the current user. Their messages stay, as from a deleted user. Needs a sign-in of the last 15 minutes.

        That is when the token was made, or when the session was signed in; a password (Basic) is enough in itself.
        """
        check_signed_in_lately(identity_of(request))
        delete_user(caller(request))
        return Response(status=204)

    @outsiders_get(OWN)
    @extend_schema(methods=["GET"], summary="Me", description="The current user.", responses=UserSerializer)
    @extend_schema(methods=["PATCH"], request=ProfileSerializer, responses=UserSerializer)
    @action(detail=False, methods=["get", "patch"])
    def me(self, request: Request) -> Response:
        """Change my profile."""
        user = caller(request)
        if request.method == "PATCH":
            changes = validated(ProfileSerializer, request)
            profile_throttle.spend(request._request, user.pk)
            user = update_profile(user, changes)
        return Response(shown_user(user, user))

    @needs_scope(NO_KEY)
    @outsiders_get("wrong_password")
    @hashes_passwords
    @accepts_texts(2 * MAX_PASSWORD)
    @extend_schema(request=PasswordSerializer, responses={204: None})
    @refuses("wrong_password")
    @action(detail=False, methods=["put"], url_path="me/password")
    def password(self, request: Request) -> Response:
        """Change the password. All tokens and streams of the user end."""
        user = caller(request)
        body = validated(PasswordSerializer, request)
        check_new_password(body["new_password"], user, "new_password")
        count_attempt(credentials_of(request._request), user.username)
        if not user.check_password(body["current_password"]):
            raise Forbidden("The current password is not right.", code="wrong_password")
        change_password(user, body["new_password"])
        return Response(status=204)

    @outsiders_get(OWN)
    @extend_schema(parameters=[ONLINE_IDS, *CURSOR_PARAMETERS], responses=paged(OnlinePersonSerializer))
    @refuses("presence_unavailable")
    @action(detail=False)
    def online(self, request: Request) -> Response:
        """Who is online, by id.

        Of those with whom I share a room of up to 200 people; with `?ids=1,2` of these, in one page.
        """
        ids = id_list(request, "ids", most=LARGEST_LIMIT)
        cursor = Cursor(request, DEFAULT_LIMIT if ids is None else LARGEST_LIMIT)
        people = online_people(caller(request), cursor, ids)
        statuses = statuses_of(people)

        def shown(user: User) -> dict[str, Any]:
            return {**shown_person(user.record), "status": statuses[user.pk]}

        return key_page(people, cursor, shown, lambda user: user.pk)
