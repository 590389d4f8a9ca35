"""PUT /api/v1/users/me/password/"""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from chatserver.config.rates import Rate
from chatserver.http.throttling import Throttle
from chatserver.tests.harness.answers import assert_problem, revoked
from users.actions.credentials import issue_token
from users.credentials import login_throttles
from users.models import Token, User

OLD, NEW = "correct horse battery", "staple horse correct"
PATHS = ["/api/v1/users/me/password", "/api/v1/users/me/password/"]


def put(user_token: str, path: str, current: Any, new: Any) -> Any:
    client = APIClient(headers={"Authorization": f"Bearer {user_token}"})
    return client.put(path, {"current_password": current, "new_password": new}, format="json")


@pytest.mark.parametrize("path", PATHS)
def test_credentials_of_the_old_password_end(alice: User, bob: User, path: str) -> None:
    secret, _ = issue_token(alice)
    issue_token(alice)
    _, others = issue_token(bob)
    browser = Client()
    browser.force_login(alice)
    assert browser.get("/api/v1/users/me/").status_code == 200

    assert put(secret, path, OLD, NEW).status_code == 204

    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert not alice.check_password(OLD)
    assert list(Token.objects.all()) == [others]
    assert browser.get("/api/v1/users/me/").status_code == 401
    assert revoked(alice.pk) == [("password_changed", None)]
    assert revoked(bob.pk) == []


def test_the_new_password_opens_and_the_old_does_not(alice: User) -> None:
    secret, _ = issue_token(alice)
    log_in = {"username": "alice", "password": OLD}
    assert APIClient().post("/api/v1/tokens/", log_in, format="json").status_code == 201  # and is remembered now
    put(secret, PATHS[0], OLD, NEW)
    assert_problem(APIClient().post("/api/v1/tokens/", log_in, format="json"), 401, "invalid_credentials")
    assert APIClient().post("/api/v1/tokens/", log_in | {"password": NEW}, format="json").status_code == 201


def test_without_the_old_one_nothing_changes(alice: User) -> None:
    secret, token = issue_token(alice)
    for wrong in ("wrong", OLD + " ", OLD.upper()):
        assert_problem(put(secret, PATHS[0], wrong, NEW), 403, "wrong_password")
    alice.refresh_from_db()
    assert alice.check_password(OLD)
    assert list(Token.objects.all()) == [token]
    assert revoked(alice.pk) == []


@pytest.mark.parametrize(
    "new", ["", "short", "12345678901", "password123", "alice@example", "a\0bcdefghijkl", None, []]
)
def test_a_bad_new_password_changes_nothing(alice: User, new: Any) -> None:
    secret, _ = issue_token(alice)
    assert_problem(put(secret, PATHS[0], OLD, new), 400, field="new_password")
    alice.refresh_from_db()
    assert alice.check_password(OLD)
    assert revoked(alice.pk) == []


@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
def test_it_is_only_put(alice: User, method: str) -> None:
    secret, _ = issue_token(alice)
    client = APIClient(headers={"Authorization": f"Bearer {secret}"})
    assert_problem(getattr(client, method)(PATHS[0]), 405, "method_not_allowed")


def test_guessing_the_current_one_is_counted_like_a_login(
    alice: User, api_of: Callable[[User | None], APIClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_throttles, "login_throttle", Throttle(f"test-{uuid.uuid4().hex}", Rate(2, 3600)))
    body = {"current_password": "wrong", "new_password": "another horse battery"}
    answers = [api_of(alice).put("/api/v1/users/me/password/", body, format="json").status_code for _ in range(3)]
    assert answers == [403, 403, 429]
