"""The log over HTTP."""

import msgspec
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.events.entitled_rows import entitled_after, is_cut
from chatserver.events.rows import event_json
from chatserver.events.serializers import EventPageSerializer
from chatserver.events.subscriptions import Subscriptions, subscriptions_of
from chatserver.events.whole_log import WHOLE_LOG, LogPage, page_of_all, types_of_whole_log, whole_log
from chatserver.http.caller import permit
from chatserver.http.openapi import query_number
from chatserver.http.outsiders import OWN, Outsiders
from chatserver.http.parameters import whole_number
from users.access.people import caller
from users.credentials.identity import identity_of

LARGEST_EVENT_PAGE = 1_000


def page_after(after: int, limit: int, subscriptions: Subscriptions, types: frozenset[str] | None) -> LogPage:
    """The events that these subscriptions entitle to, or those of these types."""
    if types is not None:
        return page_of_all(types, after, subscriptions.position, limit)
    rows = entitled_after(subscriptions, after, limit)
    return LogPage(rows, rows[-1].position if is_cut(rows, limit) else subscriptions.position)


class EventViewSet(viewsets.ViewSet):
    """The log, as JSON."""

    key_scope = "events"
    outsiders = Outsiders(OWN)

    @extend_schema(
        parameters=[
            query_number("after", "a position of the log", default=0),
            OpenApiParameter("all", OpenApiTypes.BOOL, description="every event of the deployment; for service keys"),
            OpenApiParameter("types", str, description="with `all`: types like `message.*`, with commas between them"),
            query_number("limit", "how many at most", least=1, maximum=LARGEST_EVENT_PAGE, default=100),
        ],
        responses=EventPageSerializer,
    )
    def list(self, request: Request) -> Response:
        """The events that I may hear after a position, for backends that poll.

        `next` is what to send as `after` the next time. `reset` is null, or says why the events after `after` can't
        be given (`trimmed`, `future`, `lost`): fetch everything anew and continue from `next`.

        With `all=true`, for a service key with `events:read`, every event of the deployment. A page may be empty where
        events of other types were passed over: there may be more as long as `next` moves.
        """
        after = whole_number(request.query_params.get("after", 0), "after")
        limit = whole_number(request.query_params.get("limit", 100), "limit", least=1, most=LARGEST_EVENT_PAGE)
        types = types_of_whole_log(request.query_params)
        subscriptions = subscriptions_of(caller(request).pk, after)
        if types is not None:
            permit(identity_of(request), WHOLE_LOG)
            subscriptions = whole_log(subscriptions)
        reason = subscriptions.reset_reason
        rows, following = ([], subscriptions.position) if reason else page_after(after, limit, subscriptions, types)
        reset = {"reason": reason, "position": subscriptions.position} if reason else None
        return Response({"results": [msgspec.Raw(event_json(row)) for row in rows], "next": following, "reset": reset})
