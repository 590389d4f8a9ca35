"""A moderator of people, a browser that may write, and requests with a JWT."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from rest_framework.test import APIClient

from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.harness.jwts import ALGORITHMS, By, StatusOf, jwt_settings
from chatserver.tests.harness.sessions import NOBODY, SESSION
from users.actions.people import create_user
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


@pytest.fixture
def known_keys(settings: Any, db: None) -> None:
    """The server knows a key of each algorithm."""
    settings.CHAT_JWT_KEYS = jwt_settings(*ALGORITHMS)


@pytest.fixture
def by(api_of: Any) -> By:
    """A client with this bearer token."""

    def make(token: str) -> APIClient:
        client: APIClient = api_of(None)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    return make


@pytest.fixture
def status_of(by: By, known_keys: None) -> StatusOf:
    """The status of a request with this token. A refusal has made nobody."""

    def ask(token: str) -> int:
        answer = by(token).get("/api/v1/users/me/")
        if answer.status_code != 200:
            assert_problem(answer, 401, "invalid_token")
            assert not User.objects.exists()
        return answer.status_code

    return ask
