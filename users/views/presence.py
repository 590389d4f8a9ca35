"""One's own presence over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.http.bodies import validated
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import OWN, Outsiders
from users.access.people import caller
from users.access.people_online import statuses_of
from users.actions.presence import report_activity, set_invisible
from users.models import User
from users.serializers.presence import ActivitySerializer, OwnPresenceSerializer, VisibilitySerializer


def _shown(user: User) -> dict[str, object]:
    return {"invisible": user.is_invisible, "status": statuses_of([user])[user.pk]}


class PresenceViewSet(viewsets.ViewSet):
    """How I appear to others."""

    key_scope = "users"
    outsiders = Outsiders(OWN)

    @extend_schema(responses=OwnPresenceSerializer)
    @refuses("presence_unavailable")
    def list(self, request: Request) -> Response:
        """Whether others see me as online, away or offline."""
        return Response(_shown(caller(request)))

    @extend_schema(request=VisibilitySerializer, responses=VisibilitySerializer)
    def put_own(self, request: Request) -> Response:
        """Appear offline to others, or no longer."""
        user = set_invisible(caller(request), is_invisible=validated(VisibilitySerializer, request)["invisible"])
        return Response({"invisible": user.is_invisible})


class ActivityViewSet(viewsets.ViewSet):
    """What I do."""

    key_scope = "users"
    outsiders = Outsiders(OWN)

    @extend_schema(request=ActivitySerializer, responses={204: None})
    @refuses("presence_unavailable")
    def create(self, request: Request) -> Response:
        """I am doing something: I am not away for the next minutes."""
        report_activity(caller(request), is_idle=validated(ActivitySerializer, request)["idle"])
        return Response(status=204)
