"""The audit over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.audit.models import AuditEntry
from chatserver.audit.serializers import AuditEntrySerializer, shown_entry
from chatserver.errors import Forbidden
from chatserver.http.caller import is_of_service
from chatserver.http.openapi import CURSOR_PARAMETERS, paged
from chatserver.http.openapi_refusals import refuses
from chatserver.http.outsiders import ALL, Outsiders
from chatserver.http.pagination import Cursor, key_page


class AuditViewSet(viewsets.ViewSet):
    """The audit."""

    key_scope = "moderation"
    outsiders = Outsiders("forbidden", services=ALL)

    @extend_schema(
        summary="What service keys were used for", parameters=CURSOR_PARAMETERS, responses=paged(AuditEntrySerializer)
    )
    @refuses("forbidden")
    def list(self, request: Request) -> Response:
        """Each request that came with a service key, by id, the oldest first: for staff who may view the audit."""
        check_may_view(request)
        cursor = Cursor(request)
        entries = cursor.slice(AuditEntry.objects.all(), "pk")
        return key_page(entries, cursor, shown_entry, lambda entry: entry.pk)


def check_may_view(request: Request) -> None:
    """Forbidden unless it is a service key, whose scope was checked, or staff with Django's permission."""
    user = request.user
    if not (is_of_service(request) or (user.is_staff and user.has_perm("audit.view_auditentry"))):
        raise Forbidden("Only staff with the permission to view the audit may do this.")
