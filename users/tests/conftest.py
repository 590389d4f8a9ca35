"""A moderator of people."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

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
