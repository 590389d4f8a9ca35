"""What the tests of the admin share."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client

from chatserver.events.models import Outbox
from chatserver.tests.harness import contract
from users.models import User

PEOPLE = "/admin/users/user/"
TOKENS = "/admin/users/token/"


def act(client: Client, page: str, action: str, *rows: Model, **extra: Any) -> HttpResponse:
    """Choose rows in a list and start an action, as the form of the page does."""
    data = {"action": action, "_selected_action": [row.pk for row in rows], "index": 0, **extra}
    return client.post(page, data, follow=True)


def confirm(client: Client, page: str, action: str, *rows: Model) -> HttpResponse:
    """Say yes on the page that asks whether one is sure."""
    data = {"action": action, "_selected_action": [row.pk for row in rows], "confirmed": "yes"}
    return client.post(page, data, follow=True)


def form_of(user: User, **changes: Any) -> dict[str, Any]:
    """What the form of a person sends, with these fields changed."""
    fields = ("username", "email", "display_name", "avatar_url")
    return {name: getattr(user, name) for name in fields} | changes


def emitted(*types: str) -> list[Outbox]:
    """The rows of these types that wait in the outbox, oldest first."""
    rows = list(Outbox.objects.filter(type__in=types).order_by("pk"))
    for row in rows:
        contract.check_row(row)
    return rows


def revoked(user: User) -> list[str]:
    """Why streams of this user end, by the outbox."""
    endings = emitted("banned", "deleted", "logged_out", "password_changed")
    return [row.type for row in endings if row.user_ids == [user.pk]]


def audited(row_id: int) -> list[tuple[str, str]]:
    """Who did what to an object, by the admin's LogEntry."""
    entries = LogEntry.objects.filter(object_id=str(row_id)).order_by("pk").select_related("user")
    return [(entry.user.username, entry.get_change_message()) for entry in entries]
