"""The log over HTTP."""

import msgspec
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.events import log
from chatserver.events.entitled_rows import entitled_after, is_cut
from chatserver.events.rows import event_json
from chatserver.events.serializers import EventPageSerializer
from chatserver.http.openapi import query_number
from chatserver.http.parameters import whole_number
from users.access import caller

LARGEST_EVENT_PAGE = 500


class EventViewSet(viewsets.ViewSet):
    """The log, as JSON."""

    @extend_schema(
        parameters=[
            query_number("after", "a position of the log", default=0),
            query_number("limit", "how many at most", least=1, maximum=LARGEST_EVENT_PAGE, default=100),
        ],
        responses=EventPageSerializer,
    )
    def list(self, request: Request) -> Response:
        """The events that I may hear after a position, for backends that poll.

        `next` is what to send as `after` the next time. `reset` is null, or says why the events after `after` can't
        be given (`trimmed`, `future`, `lost`): fetch everything anew and continue from `next`.
        """
        after = whole_number(request.query_params.get("after", 0), "after")
        limit = whole_number(request.query_params.get("limit", 100), "limit", least=1, most=LARGEST_EVENT_PAGE)
        subscriptions = log.subscriptions_of(caller(request).pk, after)
        reason = subscriptions.reset_reason
        rows = [] if reason else entitled_after(subscriptions, after, limit)
        following = rows[-1].position if is_cut(rows, limit) else subscriptions.position
        reset = {"reason": reason, "position": subscriptions.position} if reason else None
        return Response({"results": [msgspec.Raw(event_json(row)) for row in rows], "next": following, "reset": reset})
