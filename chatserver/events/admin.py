"""The log and its durable readers, read-only; and rows that a reader put aside, which can be retried."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from chatserver.events.models import Event, Kind, ReaderCursor, RowPutAside
from chatserver.events.reader_cursor import ask_for_retry
from chatserver.http.bounded_admin import ReadOnlyAdmin, as_id


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("position", "kind", "type", "topic", "actor_id", "room_id", "at")
    list_filter = ("kind",)
    fields = ("position", "kind", "type", "topic", "actor_id", "room_id", "at", "shown_body")
    readonly_fields = ("shown_body",)
    ordering = ("-position",)
    search_help_text = "A position, a topic (room:0, user:7), or a type (message.deleted) among the newest rows."
    shows_newest_only = True

    def narrow(self, queryset: QuerySet[Event], word: str) -> QuerySet[Event]:
        position = as_id(word)
        if position is not None:
            return queryset.filter(pk=position)
        if ":" in word:
            return queryset.filter(topic=word)
        return self.newest(queryset).filter(type=word)

    @admin.display(description="body")
    def shown_body(self, event: Event) -> str:
        """The body of an event. Other rows may name a credential, which is not shown."""
        return event.body if event.kind == Kind.EVENT else "–"


@admin.register(ReaderCursor)
class ReaderCursorAdmin(ReadOnlyAdmin):
    list_display = ("name", "position", "updated_at", "failing", "attempts", "retry_at")
    ordering = ("-pk",)
    search_help_text = "A reader's name."

    def narrow(self, queryset: QuerySet[ReaderCursor], word: str) -> QuerySet[ReaderCursor]:
        return queryset.filter(pk=word)


@admin.register(RowPutAside)
class RowPutAsideAdmin(ReadOnlyAdmin):
    list_display = ("position", "reader", "attempts", "at", "error", "is_to_be_retried")
    ordering = ("-pk",)
    search_help_text = "A position, or a reader's name."
    actions = ("try_again",)

    def narrow(self, queryset: QuerySet[RowPutAside], word: str) -> QuerySet[RowPutAside]:
        position = as_id(word)
        return queryset.filter(reader=word) if position is None else queryset.filter(position=position)

    @admin.action(permissions=["moderate"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[RowPutAside]) -> TemplateResponse | None:
        return self.moderate(request, queryset, ask_for_retry, "Asked to try again")
