"""The audit, read-only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from chatserver.audit.models import AuditEntry
from chatserver.http.bounded_admin import ReadOnlyAdmin, as_id


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "service_id", "key_id", "person_id", "method", "route", "targets", "status")
    fields = (*list_display, "request_id")
    ordering = ("-pk",)
    search_help_text = "An entry's id; or service:9, key:3, person:1 among the newest entries."
    shows_newest_only = True

    def narrow(self, queryset: QuerySet[AuditEntry], word: str) -> QuerySet[AuditEntry]:
        kind, _, number = word.rpartition(":")
        wanted = as_id(number)
        if wanted is None or kind not in {"", "service", "key", "person"}:
            return queryset.none()
        return self.newest(queryset).filter(**{f"{kind}_id": wanted}) if kind else queryset.filter(pk=wanted)

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return False
