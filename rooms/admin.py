"""Moderation of rooms and memberships."""

import re
from typing import Any

from django.contrib import admin
from django.contrib.admin import EmptyFieldListFilter
from django.db.models import Field, ForeignKey, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from chatserver.http.bounded_admin import BoundedAdmin, as_id
from rooms.actions.moderation import add_member, archive_room, change_room, remove_member, restore_room
from rooms.models import Kind, Membership, Room
from rooms.room_settings import RoomSettingsRecord
from users.admin.people import moderator
from users.models import User

# Fields that are shown and can't be edited.
PAIR = ("direct_low_id", "direct_high_id")
FACTS = (
    *("kind", *PAIR, "members_count", "last_seq", "created_at", "last_active_at", "archived_at"),
    *RoomSettingsRecord._fields,
)


def room_named_in(word: str) -> int | None:
    """The id in `room:5`, as the log names a room's topic, or None."""
    prefix, _, number = word.partition(":")
    return as_id(number) if prefix == "room" else None


@admin.register(Room)
class RoomAdmin(BoundedAdmin):
    """A room's name and description can be changed. Its kind and its two people can't: members joined it as that."""

    list_display = ("id", "__str__", "kind", "members_count", "last_seq", "last_active_at", "archived_at")
    list_display_links = ("id", "__str__")
    list_filter = ("kind", ("archived_at", EmptyFieldListFilter))
    ordering = ("-pk",)
    search_help_text = "An id, the ids of a direct room's two people (1:3), or words of a name among the newest rooms."
    shows_newest_only = True
    fields = ("name", "description", *FACTS)
    readonly_fields = FACTS
    actions = ("archive", "restore")

    def narrow(self, queryset: QuerySet[Room], word: str) -> QuerySet[Room]:
        number = as_id(word.removeprefix("room:"))
        if number is not None:
            return queryset.filter(pk=number)
        if re.fullmatch(r"[0-9]{1,18}:[0-9]{1,18}", word):
            low, high = sorted(map(int, word.split(":")))
            return queryset.filter(direct_low=low, direct_high=high)
        return self.newest(queryset).filter(name__icontains=word)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        is_fixed = obj is not None and (obj.is_direct or obj.is_general)
        return super().has_change_permission(request, obj) and not is_fixed

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        # Only direct rooms have no name, and they have no form.
        extra = {"required": True} if db_field.name == "name" else {}
        return super().formfield_for_dbfield(db_field, request, **kwargs, **extra)

    def save_model(self, request: HttpRequest, obj: Room, form: Any, change: bool) -> None:
        change_room(moderator(request), obj, {name: form.cleaned_data[name] for name in form.changed_data})

    @admin.action(permissions=["moderate"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Room]) -> TemplateResponse | None:
        warning = "The members of these rooms can read them, nobody can write."
        return self.moderate(
            request, queryset, lambda room: archive_room(moderator(request), room), "Archived", warning
        )

    @admin.action(permissions=["moderate"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Room]) -> TemplateResponse | None:
        warning = "The members of these rooms can write again."
        return self.moderate(
            request, queryset, lambda room: restore_room(moderator(request), room), "Restored", warning
        )


@admin.register(Membership)
class MembershipAdmin(BoundedAdmin):
    """Members are added by "Add" and removed by an action. Only owners give roles, in the API."""

    list_display = ("id", "user", "room", "role", "joined_at", "read_seq")
    list_select_related = ("user", "room")
    list_filter = ("role",)
    ordering = ("-pk",)
    search_help_text = "A membership's id, a room (room:5), a username, or both of these."
    shows_newest_only = True
    fields = ("room", "user", "role", "joined_at", "read_seq")
    readonly_fields = ("role", "joined_at", "read_seq")
    raw_id_fields = ("room", "user")
    actions = ("remove",)

    def narrow(self, queryset: QuerySet[Membership], word: str) -> QuerySet[Membership]:
        number, room_id = as_id(word), room_named_in(word)
        if number is not None:
            return queryset.filter(pk=number)
        if room_id is not None:
            return queryset.filter(room=room_id)
        return queryset.filter(user__in=User.objects.named(word))

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return self.fields if obj else ("room", "user")

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Offers rooms that people can be added to, and people who can be added."""
        if db_field.name == "room":
            kwargs["queryset"] = Room.objects.exclude(kind=Kind.DIRECT).filter(archived_at=None)
        else:
            kwargs["queryset"] = User.objects.filter(is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        obj.pk = add_member(moderator(request), obj.room, obj.user).pk

    @admin.action(description="Remove from the room", permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Membership]) -> TemplateResponse | None:
        return self.moderate(request, queryset, lambda member: remove_member(moderator(request), member), "Removed")
