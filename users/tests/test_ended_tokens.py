"""Tokens that have ended, or are invalid. That each operation asks for one: chatserver/tests/test_outsiders.py."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chatserver.tests.harness.answers import assert_problem
from users.actions.credentials import issue_token, log_out_everywhere, revoke_credential
from users.actions.people import ban_user, change_password, delete_user, unban_user
from users.models import Token, User

ME = "/api/v1/users/me/"


def end_token(user: User, token: Token) -> None:
    Token.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


ENDINGS: dict[str, Callable[[User, Token], Any]] = {
    "it expired": end_token,
    "it was revoked": lambda user, token: revoke_credential(token),
    "they were banned": lambda user, token: ban_user(user),
    "they were banned and unbanned": lambda user, token: (ban_user(user), unban_user(user)),
    "they deleted their account": lambda user, token: delete_user(user),
    "they changed their password": lambda user, token: change_password(user, "x9-y8-z7"),
    "they were logged out everywhere": lambda user, token: log_out_everywhere(user),
}


def ask(authorization: str | None) -> Any:
    return Client().get(ME, headers={} if authorization is None else {"Authorization": authorization})


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_token_that_has_ended_is_refused(alice: User, ending: str) -> None:
    secret, token = issue_token(alice)
    assert ask(f"Bearer {secret}").status_code == 200
    ENDINGS[ending](alice, token)
    assert_problem(ask(f"Bearer {secret}"), 401, "invalid_token")


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer ct_nonsense", "Bearer a b", "Bearer \xff", "Token x", "Basic", "Basic !!"],
)
def test_what_is_no_credential_is_refused(db: Any, authorization: str | None) -> None:
    assert_problem(ask(authorization), 401)


def test_a_stored_hash_is_no_token(alice: User) -> None:
    secret, token = issue_token(alice)
    for guess in (token.secret_hash.hex(), secret[:-1], secret + "x", secret.upper(), str(token.pk)):
        assert_problem(ask(f"Bearer {guess}"), 401, "invalid_token")
    assert ask(f"bearer {secret}").status_code == 200
