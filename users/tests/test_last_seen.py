"""When a person was last here, as requests note it."""

from typing import Any

import pytest
from django.test import Client

from users.actions.credentials import issue_token
from users.last_seen import flush_last_seen
from users.models import User


@pytest.fixture(autouse=True)
def nobody_noted(db: Any) -> None:
    flush_last_seen()


def was_seen(user: User) -> bool:
    flush_last_seen()
    user.refresh_from_db()
    return user.last_seen_at is not None


def test_a_request_with_a_token_is_noted(alice: User) -> None:
    Client().get("/api/v1/users/me/", headers={"Authorization": f"Bearer {issue_token(alice)[0]}"})
    assert was_seen(alice)


def test_a_request_with_a_session_is_noted_unless_it_lacks_the_csrf_token(alice: User, browser_client: Client) -> None:
    browser_client.force_login(alice)
    assert browser_client.post("/api/v1/tickets/").status_code == 403
    assert not was_seen(alice)
    browser_client.get("/api/v1/users/me/")
    assert was_seen(alice)


def test_a_refused_request_is_not_noted(alice: User) -> None:
    for value in ("Bearer gone", "Basic YWxpY2U6d3Jvbmc="):
        assert Client().get("/api/v1/users/me/", headers={"Authorization": value}).status_code == 401
    assert not was_seen(alice)
