"""The admin site, and its audit. Each app has the pages of its own models."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry

from chatserver.http.bounded_admin import ReadOnlyAdmin

admin.site.site_header = admin.site.site_title = "ChatServer"
admin.site.index_title = "Moderation"


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """The audit: who did what in the admin."""

    list_display = ("action_time", "user", "content_type", "object_repr", "action")
    list_filter = ("action_flag",)
    list_select_related = ("user", "content_type")
    ordering = ("-pk",)
    search_help_text = "An entry's id."
    shows_newest_only = True

    @admin.display(description="what")
    def action(self, entry: LogEntry) -> str:
        return entry.get_change_message() or entry.get_action_flag_display()
