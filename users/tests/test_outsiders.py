"""Who may not come in: nobody, and everybody whose right has ended. The same calls work with a right that has not."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.test import Client
from django.utils import timezone

from chatserver.events.models import Outbox
from chatserver.tests.harness.answers import assert_problem
from users.actions import (
    ban_user,
    change_password,
    delete_user,
    issue_token,
    log_out_everywhere,
    unban_user,
)
from users.live_credentials import revoke
from users.models import Token, User

CALLS = [
    ("GET", "/api/v1/users/", None, 200),
    ("GET", "/api/v1/users/me/", None, 200),
    ("PATCH", "/api/v1/users/me/", {"display_name": "Al"}, 200),
    (
        "PUT",
        "/api/v1/users/me/password/",
        {"current_password": "correct horse battery", "new_password": "x9-y8-z7"},
        204,
    ),
    ("GET", "/api/v1/users/online/", None, 200),
    ("DELETE", "/api/v1/users/", None, 204),
    ("DELETE", "/api/v1/tokens/current/", None, 204),
    ("GET", "/api/v1/tokens/", None, 200),
    ("POST", "/api/v1/tickets/", None, 201),
    ("GET", "/api/v1/events/", None, 200),
    ("GET", "/api/v1/chats/", None, 200),
    ("GET", "/api/v1/rooms/", None, 200),
]


def end_token(user: User, token: Token) -> None:
    Token.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


ENDINGS: dict[str, Callable[[User, Token], Any]] = {
    "it expired": end_token,
    "it was revoked": lambda user, token: revoke(token),
    "they were banned": lambda user, token: ban_user(user),
    "they were banned and unbanned": lambda user, token: (ban_user(user), unban_user(user)),
    "they deleted their account": lambda user, token: delete_user(user),
    "they changed their password": lambda user, token: change_password(user, "x9-y8-z7"),
    "they were logged out everywhere": lambda user, token: log_out_everywhere(user),
}


def call(method: str, path: str, body: Any, authorization: str | None) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    text = "" if body is None else json.dumps(body)
    return Client().generic(method, path, text, "application/json", headers=headers)


@pytest.mark.parametrize(("method", "path", "body", "status"), CALLS)
def test_a_valid_token_is_accepted(alice: User, method: str, path: str, body: Any, status: int) -> None:
    secret, _ = issue_token(alice)
    assert call(method, path, body, f"Bearer {secret}").status_code == status


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(("method", "path", "body", "status"), CALLS)
def test_a_token_that_has_ended_does_not(
    alice: User, method: str, path: str, body: Any, status: int, ending: str
) -> None:
    secret, token = issue_token(alice)
    ENDINGS[ending](alice, token)
    before = state(alice)
    assert_problem(call(method, path, body, f"Bearer {secret}"), 401, "invalid_token")
    assert state(alice) == before


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer ct_nonsense", "Bearer a b", "Bearer \xff", "Token x", "Basic", "Basic !!"],
)
@pytest.mark.parametrize(("method", "path", "body", "status"), CALLS)
def test_nobody_does_not(
    alice: User, method: str, path: str, body: Any, status: int, authorization: str | None
) -> None:
    issue_token(alice)
    before = state(alice)
    assert_problem(call(method, path, body, authorization), 401)
    assert state(alice) == before


def test_a_stored_hash_is_no_token(alice: User) -> None:
    secret, token = issue_token(alice)
    for guess in (token.secret_hash.hex(), secret[:-1], secret + "x", secret.upper(), str(token.pk)):
        assert_problem(call("GET", "/api/v1/users/me/", None, f"Bearer {guess}"), 401, "invalid_token")
    assert call("GET", "/api/v1/users/me/", None, f"bearer {secret}").status_code == 200


def state(user: User) -> tuple[Any, ...]:
    row = User.objects.filter(pk=user.pk).values_list("display_name", "password", "deleted_at").get()
    return *row, user.tokens.count(), user.tickets.count(), Outbox.objects.count()


def test_the_cast_can_log_in(alice: User) -> None:
    """Else the tests above would refuse everybody."""
    assert authenticate(username="alice", password="correct horse battery") == alice
