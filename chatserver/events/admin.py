"""The log, to look at."""

from django.contrib import admin
from django.db.models import QuerySet

from chatserver.events.models import Event, Kind
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
        """Of an event. The other rows may name a credential, which is nobody's business here."""
        return event.body if event.kind == Kind.EVENT else "–"
