"""How an entry looks in the API."""

from typing import Any

from rest_framework import serializers

from chatserver.audit.models import AuditEntry
from chatserver.http.openapi import shows
from chatserver.times import api_time

EXAMPLE_ENTRY = {
    "id": 512,
    "at": "2026-11-22T13:33:24Z",
    "service_id": 9,
    "key_id": 3,
    "person_id": 1,
    "method": "POST",
    "route": "/api/v1/chats/",
    "targets": {"id": 4711, "room_id": 3},
    "status": 201,
    "request_id": "08082ff3a030457d85d85fd7ebe0dc3a",
}


def shown_entry(entry: AuditEntry) -> dict[str, Any]:
    """An entry of the audit."""
    return {name: getattr(entry, name) for name in EXAMPLE_ENTRY} | {"at": api_time(entry.at)}


@shows(a_message=EXAMPLE_ENTRY)
class AuditEntrySerializer(serializers.Serializer[AuditEntry]):
    """The schema of shown_entry()."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    service_id = serializers.IntegerField(help_text="the service account")
    key_id = serializers.IntegerField(help_text="its key")
    person_id = serializers.IntegerField(allow_null=True, help_text="for whom it acted; null: for itself")
    method = serializers.CharField()
    route = serializers.CharField()
    targets = serializers.DictField(
        child=serializers.IntegerField(), help_text="the ids in the path and of what it answered with"
    )
    status = serializers.IntegerField()
    request_id = serializers.CharField()
