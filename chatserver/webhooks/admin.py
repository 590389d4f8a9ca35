"""Endpoints and their deliveries in the admin: seen, disabled, enabled, tested and replayed. Services change them."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from chatserver.http.bounded_admin import ReadOnlyAdmin, as_id
from chatserver.webhooks import actions
from chatserver.webhooks.models import Delivery, Endpoint

MAX_NOTICES = 5


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "url", "types", "is_enabled", "disabled_at", "disabled_reason")
    list_select_related = ("owner",)
    list_filter = ("is_enabled",)
    fields = (
        *("owner", "url", "types", "rooms", "is_enabled", "is_ordered", "begins_after", "created_at"),
        *("disabled_at", "disabled_reason", "previous_until"),
    )
    ordering = ("-pk",)
    search_help_text = "The id of an endpoint."
    actions = ("disable", "enable", "send_test")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Endpoint]:
        return super().get_queryset(request).filter(deleted_at=None)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With a notice of each endpoint that was disabled by its receiver's answer."""
        if request.method == "GET":
            gone = self.get_queryset(request).filter(is_enabled=False, disabled_reason=actions.GONE_REASON)
            for endpoint in gone.order_by("-pk")[:MAX_NOTICES]:
                text = f"Endpoint {endpoint.pk} gets nothing since {endpoint.disabled_at:%Y-%m-%d %H:%M} UTC: "
                self.message_user(request, text + endpoint.disabled_reason, messages.WARNING)
        return super().changelist_view(request, extra_context)

    @admin.action(permissions=["moderate"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> TemplateResponse | None:
        return self.moderate(
            request, queryset, lambda one: actions.disable_endpoint(one.pk, "Staff disabled it."), "Disabled"
        )

    @admin.action(permissions=["moderate"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> TemplateResponse | None:
        return self.moderate(
            request, queryset, lambda one: actions.change_endpoint(one, {"is_enabled": True}), "Enabled"
        )

    @admin.action(permissions=["moderate"])
    def send_test(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> TemplateResponse | None:
        return self.moderate(request, queryset, actions.send_test, "Sent a test to")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("id", "endpoint_id", "position", "type", "state", "attempts", "status", "attempted_at", "error")
    list_filter = ("state",)
    fields = (
        *("endpoint", "position", "type", "room_id", "lane", "state", "attempts", "created_at", "attempted_at"),
        *("next_attempt_at", "seconds", "status", "answer", "error"),
    )
    ordering = ("-pk",)
    search_help_text = "The id of a delivery, or of an endpoint (endpoint:5)."
    shows_newest_only = True
    actions = ("replay",)

    def narrow(self, queryset: QuerySet[Delivery], word: str) -> QuerySet[Delivery]:
        prefix, _, number = word.partition(":")
        if prefix == "endpoint" and as_id(number) is not None:
            return queryset.filter(endpoint=as_id(number))
        return super().narrow(queryset, word)

    @admin.action(permissions=["moderate"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> TemplateResponse | None:
        return self.moderate(request, queryset, actions.replay, "Asked to deliver once more")
