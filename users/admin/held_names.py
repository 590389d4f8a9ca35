"""Names of the deleted, which staff may free."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from chatserver.http.bounded_admin import ReadOnlyAdmin
from users.models import HeldName
from users.usernames import normal_username


@admin.register(HeldName)
class HeldNameAdmin(ReadOnlyAdmin):
    """Names of deleted people. Nobody can read one here, only ask for it."""

    list_display = ("id", "expires_at")
    fields = ("expires_at",)
    ordering = ("-pk",)
    search_help_text = "The username of a deleted person."
    actions = ("free",)

    def narrow(self, queryset: QuerySet[HeldName], word: str) -> QuerySet[HeldName]:
        name = normal_username(word)
        return queryset.none() if name is None else queryset & HeldName.objects.named(name)

    @admin.action(permissions=["remove"])
    def free(self, request: HttpRequest, queryset: QuerySet[HeldName]) -> TemplateResponse | None:
        return self.moderate(request, queryset, HeldName.delete, "Freed")
