"""People by the ids of a host product, over HTTP: for service keys."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.errors import ChatError, Invalid
from chatserver.http.bodies import validated
from chatserver.http.body_limits import accepts_bytes
from chatserver.http.error_translation import as_chat_error
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import ALL, Outsiders
from chatserver.http.scopes import needs_scope
from users.access.external_people import person_by_external_id
from users.access.people import caller
from users.actions.external_profiles import Put, put_people
from users.models import MAX_SUBJECT, check_external_id
from users.serializers.batches import NewPersonSerializer, UserBatchResultsSerializer, UserBatchSerializer
from users.serializers.people import ProfileSerializer, UserSerializer, shown_user, shown_users

# A thousand people with addresses and pictures take a quarter of it.
MAX_BATCH_BYTES = 1024 * 1024
EXTERNAL_ID = OpenApiParameter(
    "external_id",
    {"type": "string", "minLength": 1, "maxLength": MAX_SUBJECT},
    OpenApiParameter.PATH,
    description="the host's id of a person, percent-encoded; a slash in it may stay, but not at its end",
)


@extend_schema(parameters=[EXTERNAL_ID])
class ExternalPersonViewSet(viewsets.ViewSet):
    """People by external id."""

    lookup_field = "external_id"
    lookup_value_regex = ".+?"
    key_scope = "users"
    only_keys = True
    outsiders = Outsiders(ALL)

    @extend_schema(responses=UserSerializer)
    @refuses("user_not_found")
    def retrieve(self, request: Request, external_id: str) -> Response:
        """One person by external id. Deleted ones are not found."""
        return Response(shown_user(person_by_external_id(check_external_id(external_id)), caller(request)))

    @extend_schema(request=ProfileSerializer, responses={200: UserSerializer, 201: UserSerializer})
    @refuses("conflict", "forbidden")
    def update(self, request: Request, external_id: str) -> Response:
        """Make a person of the host product, or give them this profile.

        It is the `sub` of their JWTs. What is left out stays as it is. Staff, services, banned and deleted people are
        not changed.
        """
        checked = check_external_id(external_id)
        put = put_people({checked: validated(ProfileSerializer, request)})[checked]
        if isinstance(put, ChatError):
            raise put
        user, is_new = put
        return Response(shown_user(user, caller(request)), status=201 if is_new else 200)


class UserBatchViewSet(viewsets.ViewSet):
    """Many people at once."""

    outsiders = Outsiders(ALL)

    @needs_scope("users:write", only_keys=True)
    @accepts_bytes(MAX_BATCH_BYTES)
    @extend_schema(
        operation_id="users_batch_create",
        summary="Make or change up to 1,000 people",
        request=UserBatchSerializer,
        responses={200: UserBatchResultsSerializer},
    )
    def create(self, request: Request) -> Response:
        """Each as PUT by external id does: its result has the status, and the user or the errors.

        What is wrong with one person does not concern the others. A person who is named again is refused.
        """
        items = validated(UserBatchSerializer, request)["users"]
        check, profiles = NewPersonSerializer(), dict[str, dict[str, Any]]()
        results: list[dict[str, Any] | str] = []
        for item in items:
            try:
                profile = check.run_validation(item)
                external_id = check_external_id(profile.pop("external_id"))
                if external_id in profiles:
                    raise Invalid("This person is named twice.", field="external_id")
            except (ChatError, serializers.ValidationError) as error:
                results.append(refused(as_chat_error(error)))
            else:
                profiles[external_id] = profile
                results.append(external_id)
        put = put_people(profiles)
        shown = shown_people(put, request)
        return Response({"results": [shown[one] if isinstance(one, str) else one for one in results]})


def shown_people(put: dict[str, Put], request: Request) -> dict[str, dict[str, Any]]:
    """The result of each, by external id."""
    made = {external_id: one for external_id, one in put.items() if not isinstance(one, ChatError)}
    users = shown_users([user for user, _ in made.values()], caller(request))
    results: dict[str, dict[str, Any]] = {
        external_id: {"status": 201 if is_new else 200, "user": user, "code": None, "errors": []}
        for (external_id, (_, is_new)), user in zip(made.items(), users, strict=True)
    }
    return results | {name: refused(one) for name, one in put.items() if isinstance(one, ChatError)}


def refused(error: ChatError | None) -> dict[str, Any]:
    assert error is not None
    errors = error.errors or [{"field": "external_id", "code": error.code, "detail": error.detail}]
    return {"status": error.status, "user": None, "code": error.code, "errors": errors}
