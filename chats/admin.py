"""Moderation of messages."""

from functools import partial

from django.contrib import admin
from django.contrib.admin import EmptyFieldListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.text import Truncator

from chats.actions import changes
from chats.models import EarlierText, Message
from chatserver.http.bounded_admin import MAX_NEWEST, ReadOnlyAdmin, as_id
from chatserver.storage.rows import one_or_none
from rooms.admin import room_named_in
from rooms.models import Room
from users.admin.people import moderator
from users.models import User


class EarlierTextInline(admin.TabularInline):
    """What a message said before, where CHAT_EDIT_HISTORY_DAYS keeps it."""

    model = EarlierText
    fields = ("version", "text", "replaced_at")
    ordering = ("pk",)
    max_num = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Messages can be read, and their texts removed. Nobody can write or edit them here."""

    list_display = ("id", "room", "seq", "sender", "beginning", "sent_at", "removed_at")
    list_filter = (("removed_at", EmptyFieldListFilter), "sent_at")
    list_select_related = ("room", "sender")
    fields = ("room", "seq", "sender", "recipient", "text", "sent_at", "removed_at", "client_message_id")
    ordering = ("-pk",)
    search_help_text = f"A message's id, a room (room:5), a sender's name, or both. Of the newest {MAX_NEWEST:,} there."
    shows_newest_only = True
    inlines = (EarlierTextInline,)
    actions = ("remove_text",)

    def narrow(self, queryset: QuerySet[Message], word: str) -> QuerySet[Message]:
        number, room_id = as_id(word), room_named_in(word)
        if number is not None:
            return queryset.filter(pk=number)
        if room_id is not None:
            last_seq = one_or_none(Room.objects.filter(pk=room_id).values_list("last_seq", flat=True)) or 0
            return queryset.filter(room=room_id, seq__gt=last_seq - MAX_NEWEST)
        # There is no index by sender: it would make each post slower.
        return self.newest(queryset).filter(sender__in=User.objects.named(word))

    @admin.display(description="text")
    def beginning(self, message: Message) -> str:
        return Truncator(message.text).chars(80)

    def describe(self, row: Message) -> str:
        return f"{row.sender} in {row.room}: {self.beginning(row)}"

    @admin.action(description="Remove message text", permissions=["moderate"])
    def remove_text(self, request: HttpRequest, queryset: QuerySet[Message]) -> TemplateResponse | None:
        warning = "The texts of these messages are removed for ever. Their places in the rooms stay."
        act = partial(changes.remove_message, actor=moderator(request))
        return self.moderate(request, queryset, act, "Removed text", warning)
