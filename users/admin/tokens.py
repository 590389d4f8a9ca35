"""Moderation of tokens."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from chatserver.errors import Forbidden
from chatserver.http.bounded_admin import ReadOnlyAdmin, as_id
from users.access.people import is_above
from users.actions.credentials import revoke_credential
from users.admin.people import moderator
from users.models import Token, User


@admin.register(Token)
class TokenAdmin(ReadOnlyAdmin):
    """Who has tokens, and until when. Nobody can see a token itself."""

    list_display = ("id", "user", "created_at", "expires_at")
    list_select_related = ("user",)
    fields = ("user", "created_at", "expires_at")
    ordering = ("-pk",)
    search_help_text = "A token's id, or its user's name."
    actions = ("revoke",)

    def narrow(self, queryset: QuerySet[Token], word: str) -> QuerySet[Token]:
        number = as_id(word)
        return queryset.filter(user__in=User.objects.named(word)) if number is None else queryset.filter(pk=number)

    def has_delete_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        return self.has_remove_permission(request) and (obj is None or not is_above(obj.user, moderator(request)))

    def delete_model(self, request: HttpRequest, obj: Token) -> None:
        revoke_credential(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Token]) -> None:
        for token in queryset:
            revoke_credential(token)

    def record(self, request: HttpRequest, row: Model, done: str) -> None:
        self.log_deletions(request, [row])  # type: ignore[arg-type]  # any sequence will do

    @admin.action(permissions=["remove"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Token]) -> TemplateResponse | None:
        def act(token: Token) -> None:
            if is_above(token.user, moderator(request)):
                raise Forbidden("Only superusers may do this to staff and services.")
            revoke_credential(token)

        return self.moderate(request, queryset, act, "Revoked")
