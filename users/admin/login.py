"""Staff's log-in to the admin, log-out and change of password, as strict as in the API.

Django's own pages have no limit on attempts, and would leave streams and tokens open.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.forms import AdminPasswordChangeForm as OwnPasswordChangeForm
from django.contrib.auth.views import LogoutView, PasswordChangeView
from django.db import transaction
from django.forms import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy

from chatserver.errors import Throttled
from users.actions.credentials import end_session, note_session
from users.actions.people import change_password
from users.credentials.login_throttles import count_attempt, remember_address
from users.credentials.passwords import log_failure
from users.credentials.request import credentials_of
from users.models import MAX_PASSWORD, User


class LoginForm(AdminAuthenticationForm):
    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        try:
            return self._checked()
        except ValidationError as error:
            user = User.objects.named(str(self.cleaned_data.get("username", ""))).first()
            log_failure(self.request, user, "throttled" if error.code == "throttled" else "invalid_credentials")
            raise

    def _checked(self) -> dict[str, Any]:
        username = str(self.cleaned_data.get("username", ""))
        credentials = credentials_of(self.request)
        try:
            count_attempt(credentials, username)
        except Throttled as error:
            raise ValidationError(error.detail, code="throttled") from error
        if len(self.cleaned_data.get("password", "")) > MAX_PASSWORD:
            raise self.get_invalid_login_error()
        cleaned = super().clean()
        remember_address(credentials, username)
        return cleaned


@contextmanager
def keeping_session_listed(request: HttpRequest) -> Iterator[None]:
    """Those who set their own password in here stay signed in, by a session with another key."""
    key = request.session.session_key
    yield
    if request.session.session_key not in {None, key}:
        note_session(cast(User, request.user), request.session.session_key)


class OwnPasswordForm(OwnPasswordChangeForm):
    """Counts guesses of the old password, as signing in does."""

    def __init__(self, *arguments: Any, request: HttpRequest, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._request = request

    def clean_old_password(self) -> str:
        try:
            count_attempt(credentials_of(self._request), self.user.username)
        except Throttled as error:
            raise ValidationError(error.detail) from error
        return super().clean_old_password()

    def save(self, commit: bool = True) -> Any:
        change_password(self.user, self.cleaned_data["new_password1"])
        return self.user


def replace_login_pages(site: AdminSite) -> None:
    """Replace the site's own forms and views. Before its URLs are read."""

    def change_own_password(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        view = PasswordChangeView.as_view(
            form_class=partial(OwnPasswordForm, request=request),
            success_url=reverse_lazy("admin:password_change_done"),
            extra_context={**site.each_context(request), **(extra_context or {})},
        )
        with keeping_session_listed(request):
            return view(request)

    def log_out(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """End the session and what it opened."""
        context = {**site.each_context(request), "has_permission": False, **(extra_context or {})}
        with transaction.atomic():
            if request.method == "POST" and request.user.is_authenticated and request.session.session_key:
                end_session(request.user.pk, request.session.session_key)
            return LogoutView.as_view(extra_context=context)(request)

    site.login_form = LoginForm
    # admin.site is a lazy object, so there is no class to derive from.
    site.password_change = change_own_password  # type: ignore[method-assign,assignment]  # the stubs let no method be set
    site.logout = log_out  # type: ignore[method-assign,assignment]  # the same
