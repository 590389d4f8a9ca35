"""Service keys in the admin: made and rotated by superusers, shown once, and revoked."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from chatserver.http.bounded_admin import ReadOnlyAdmin, as_id
from chatserver.http.scopes import RESERVED_SCOPES, SCOPES
from users.actions.service_keys import MAX_KEY_DAYS, issue_key, revoke_key, rotate_key
from users.models import ServiceKey, User


class NewKeyForm(forms.ModelForm):
    service = forms.CharField(help_text="The username of a service account.")
    scopes = forms.MultipleChoiceField(
        choices=[(scope, f"{scope}, which is reserved" if scope in RESERVED_SCOPES else scope) for scope in SCOPES],
        help_text="What is reserved opens nothing of its own yet.",
        widget=forms.CheckboxSelectMultiple,
    )
    expires_days = forms.IntegerField(
        min_value=1, max_value=MAX_KEY_DAYS, required=False, help_text="Days; without it, valid until revoked."
    )

    class Meta:
        model = ServiceKey
        fields = ("name",)

    def clean_service(self) -> User:
        found = User.objects.named(self.cleaned_data["service"]).first()
        if found is None or not (found.is_service and found.is_active):
            raise forms.ValidationError("There is no active service account of this name.")
        return found


@admin.register(ServiceKey)
class ServiceKeyAdmin(ReadOnlyAdmin):
    """Which keys there are. Nobody can see a key itself, but who makes it, once."""

    list_display = ("id", "service", "name", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("service",)
    form = NewKeyForm
    fields = ("service", "name", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    ordering = ("-pk",)
    search_help_text = "A key's id, or the name of its service account."
    actions = ("rotate", "revoke")

    def narrow(self, queryset: QuerySet[ServiceKey], word: str) -> QuerySet[ServiceKey]:
        number = as_id(word)
        return queryset.filter(service__in=User.objects.named(word)) if number is None else queryset.filter(pk=number)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers alone: a key may have rights that other staff have not."""
        return cast(User, request.user).is_superuser

    def get_fields(self, request: HttpRequest, obj: ServiceKey | None = None) -> Any:
        return ("service", "name", "scopes", "expires_days") if obj is None else self.fields

    def save_model(self, request: HttpRequest, obj: ServiceKey, form: Any, change: bool) -> None:
        given = form.cleaned_data
        secret, key = issue_key(given["service"], given["name"], given["scopes"], expires_days=given["expires_days"])
        obj.pk, obj.service = key.pk, key.service
        # For response_add(), which follows.
        request.new_secret = secret  # type: ignore[attr-defined]  # ours

    def response_add(self, request: HttpRequest, obj: ServiceKey, post_url_continue: str | None = None) -> HttpResponse:
        return self._show(request, {str(obj): request.new_secret})  # type: ignore[attr-defined]  # ours

    @admin.action(permissions=["add"])
    def rotate(self, request: HttpRequest, queryset: QuerySet[ServiceKey]) -> TemplateResponse | None:
        secrets: dict[str, str] = {}

        def act(key: ServiceKey) -> None:
            secret, new = rotate_key(key)
            secrets[f"{new} in place of {key}"] = secret

        self.moderate(request, queryset.select_related("service"), act, "Rotated")
        return self._show(request, secrets) if secrets else None

    @admin.action(permissions=["add"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ServiceKey]) -> TemplateResponse | None:
        return self.moderate(request, queryset.select_related("service"), revoke_key, "Revoked")

    def _show(self, request: HttpRequest, secrets: dict[str, str]) -> TemplateResponse:
        """In the page itself: a message would travel in a cookie."""
        context = {
            **self.admin_site.each_context(request),
            "title": "New service key",
            "secrets": secrets,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/shown_once.html", context)
