"""A moderator of people, and a browser that may write."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from chatserver.tests.harness.sessions import NOBODY, SESSION
from users.actions import create_user
from users.models import User


@pytest.fixture
def moderator_client(db: Any) -> Client:
    """Staff with the permissions of this app, but no superuser."""
    mod = create_user("mod", password="another horse battery")
    User.objects.filter(pk=mod.pk).update(is_staff=True)
    mod.user_permissions.set(Permission.objects.filter(content_type__app_label="users"))
    client = Client()
    client.force_login(mod)
    return client


@pytest.fixture
def browser(db: Any, browser_client: Client) -> Client:
    """A browser that has its CSRF token."""
    assert browser_client.get(SESSION).json() == NOBODY
    return browser_client
