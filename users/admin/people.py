"""Moderation of people."""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.db import transaction
from django.db.models import Field, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from chatserver.errors import Conflict, Forbidden
from chatserver.http.bounded_admin import BoundedAdmin, as_id
from users.access.names import check_name_is_free
from users.access.people import is_above
from users.actions.credentials import end_streams_of_keys, log_out_everywhere
from users.actions.people import ban_user, change_password, create_user, delete_user, unban_user, update_profile
from users.admin.login import keeping_session_listed, replace_login_pages
from users.models import User
from users.usernames import MAX_RAW_USERNAME, fold_username, normal_username

PRIVILEGES = ("is_staff", "is_superuser", "is_service")
RIGHTS = (*PRIVILEGES, "groups", "user_permissions")
STATUS = ("status", "banned_at", "deleted_at", "last_seen_at", "last_login", "date_joined")
replace_login_pages(admin.site)


class UsernameField(forms.CharField):
    """Measures the normal form, as the API does."""

    def to_python(self, value: Any) -> str:
        return normal_username(super().to_python(value) or "") or ""


class FreeName(forms.ModelForm):
    """A form for a user, with the API's rules for names; Django's own would scan the table."""

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        if name == self.initial.get("username"):
            return name
        try:
            check_name_is_free(name, self.instance.pk or 0)
        except Conflict as error:
            raise forms.ValidationError(error.detail) from error
        return name


class NewUserForm(FreeName, AdminUserCreationForm):
    pass


class PersonForm(FreeName, UserChangeForm):
    pass


class NewPasswordForm(AdminPasswordChangeForm):
    def save(self, commit: bool = True) -> User:
        has_password = self.cleaned_data["set_usable_password"]
        change_password(self.user, self.cleaned_data["password1"] if has_password else None)
        return self.user


@admin.register(User)
class UserAdmin(BoundedAdmin, DjangoUserAdmin):
    list_display = ("username", "display_name", "status", "is_staff", "is_service", "date_joined", "last_seen_at")
    list_filter = ("is_active", "is_staff", "is_service")
    search_fields = BoundedAdmin.search_fields
    search_help_text = "An id, or the beginning of a username."
    ordering = ("-pk",)
    readonly_fields: ClassVar[tuple[str, ...]] = STATUS
    fieldsets = (
        (None, {"fields": ("username", "password", "email", "display_name", "avatar_url")}),
        ("Status", {"fields": STATUS, "description": "The actions of the list ban, unban, log out and delete."}),
        ("Rights", {"fields": RIGHTS}),
    )
    add_fieldsets = ((None, {"fields": ("username", "email", "usable_password", "password1", "password2")}),)
    form = PersonForm
    add_form = NewUserForm
    change_password_form = NewPasswordForm
    actions = ("ban", "unban", "log_out_everywhere", "delete_account")

    @admin.display
    def status(self, user: User) -> str:
        if user.is_deleted:
            return "deleted"
        return "active" if user.is_active else "banned"

    def narrow(self, queryset: QuerySet[User], word: str) -> QuerySet[User]:
        number = as_id(word)
        prefix = normal_username(word)
        found = Q() if prefix is None else Q(folded_username__startswith=fold_username(prefix))
        if number is not None:
            found |= Q(pk=number)
        return queryset.filter(found) if found else queryset.none()

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Also for those who may ban or set passwords: they have to find the person."""
        others = self.has_ban_permission(request) or self.has_password_permission(request)
        return others or super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """On the page for a password, whether they may set it: that one is not for everybody who edits profiles."""
        may = self.has_password_permission if is_password_page(request) else self.has_moderate_permission
        return may(request) and (obj is None or not (obj.is_deleted or is_above(obj, moderator(request))))

    def has_ban_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("users.ban_user")

    def has_password_permission(self, request: HttpRequest) -> bool:
        """Who sets a password can sign in as that person: to be allowed to change or ban them is not enough."""
        return request.user.has_perm("users.set_password")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Without what this moderator may not know of a person, or not set."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        allowed = {"email": moderator(request).may_see_addresses, "password": self.has_password_permission(request)}
        hidden = {field for field, is_allowed in allowed.items() if not is_allowed}
        (name, options), *others = fieldsets
        return [(name, {**options, "fields": [field for field in options["fields"] if field not in hidden]}), *others]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return STATUS if moderator(request).is_superuser else (*STATUS, *RIGHTS)

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "avatar_url":
            kwargs["assume_scheme"] = "https"
        if db_field.name == "username":
            kwargs |= {"form_class": UsernameField, "max_length": MAX_RAW_USERNAME}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        given = form.cleaned_data
        if change:
            columns = {field.name for field in self.opts.concrete_fields}
            update_profile(obj, {name: given[name] for name in form.changed_data if name in columns})
            if not set(RIGHTS).isdisjoint(form.changed_data):
                self._end_what_others_have_of(obj, was_privileged=any(form.initial[name] for name in PRIVILEGES))
        else:
            password = given["password1"] if given["set_usable_password"] else None
            obj.pk = create_user(obj.username, email=given["email"], password=password).pk

    def _end_what_others_have_of(self, user: User, *, was_privileged: bool) -> None:
        """A service may hold tokens that it made while it could, and anybody sessions without a password."""
        if user.is_privileged and not was_privileged:
            log_out_everywhere(user)
        else:
            end_streams_of_keys(user)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 - Django's name
        with transaction.atomic(), keeping_session_listed(request):  # the password and its LogEntry
            return super().user_change_password(request, id, form_url)

    @admin.action(permissions=["ban"])
    def ban(self, request: HttpRequest, queryset: QuerySet[User]) -> TemplateResponse | None:
        return self.moderate(request, queryset, on_others(request, ban_user), "Banned")

    @admin.action(permissions=["ban"])
    def unban(self, request: HttpRequest, queryset: QuerySet[User]) -> TemplateResponse | None:
        return self.moderate(request, queryset, on_others(request, unban_user), "Unbanned")

    @admin.action(permissions=["moderate"])
    def log_out_everywhere(self, request: HttpRequest, queryset: QuerySet[User]) -> TemplateResponse | None:
        act = on_others(request, log_out_everywhere)
        return self.moderate(request, queryset, act, "Logged out everywhere")

    @admin.action(permissions=["remove"])
    def delete_account(self, request: HttpRequest, queryset: QuerySet[User]) -> TemplateResponse | None:
        warning = "These accounts are emptied and closed for ever. Their messages stay, as those of a deleted user."
        act = on_others(request, delete_user)
        return self.moderate(request, queryset, act, "Deleted account", warning)


def is_password_page(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name == "auth_user_password_change"


def moderator(request: HttpRequest) -> User:
    """The staff member who sent the request."""
    return cast(User, request.user)


def on_others(request: HttpRequest, act: Callable[[User], object]) -> Callable[[User], None]:
    """The action, refused for oneself, for the deleted, and for staff and services unless by superusers."""

    def checked(user: User) -> None:
        if user == request.user:
            raise Forbidden("This is you.")
        if user.is_deleted:
            raise Conflict("This account is deleted.")
        if is_above(user, moderator(request)):
            raise Forbidden("Only superusers may do this to staff and services.")
        act(user)

    return checked
