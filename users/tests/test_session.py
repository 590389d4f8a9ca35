"""GET /api/v1/session/: who is asking, and until when."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.harness.sessions import NOBODY, SESSION, SESSION_PATHS, basic, identity
from users.actions.credentials import issue_token, log_out_everywhere
from users.actions.people import ban_user, delete_user
from users.models import User


@pytest.mark.parametrize("path", SESSION_PATHS)
def test_an_anonymous_caller_is_null_and_gets_a_csrf_token(db: Any, client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()) == (200, NOBODY)
    assert answer.cookies["csrftoken"].value
    assert "sessionid" not in answer.cookies


def test_a_token_says_until_when_it_is_valid(alice: User) -> None:
    secret, token = issue_token(alice)
    answer = APIClient(headers={"Authorization": f"Bearer {secret}"}).get(SESSION)
    body = answer.json()
    assert (body["user"]["id"], body["user"]["email"]) == (alice.pk, "alice@example.com")
    assert body["credential"] == "token"
    assert datetime.fromisoformat(body["expires_at"]) == token.expires_at.replace(microsecond=0)
    assert not answer.cookies


def test_a_password_is_valid_without_an_end(alice: User) -> None:
    body = APIClient(headers=basic("alice")).get(SESSION).json()
    assert (body["user"]["id"], body["credential"], body["expires_at"]) == (alice.pk, "password", None)


def test_a_session_says_until_when_it_is_valid(alice: User, client: Client) -> None:
    client.force_login(alice)
    soon = timezone.now().replace(microsecond=0) + timedelta(hours=1)
    Session.objects.update(expire_date=soon)
    body = identity(client)
    assert (body["user"]["id"], body["credential"]) == (alice.pk, "session")
    assert datetime.fromisoformat(body["expires_at"]) == soon


def test_a_session_that_has_ended_is_nobody(alice: User, client: Client) -> None:
    client.force_login(alice)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert identity(client) == NOBODY


@pytest.mark.parametrize("ending", [ban_user, delete_user, log_out_everywhere])
def test_so_is_one_whose_right_has_ended(alice: User, client: Client, ending: Callable[[User], None]) -> None:
    client.force_login(alice)
    ending(alice)
    assert identity(client) == NOBODY


@pytest.mark.parametrize(
    ("header", "code"), [("Bearer ct_nonsense", "invalid_token"), ("Basic YTpi", "invalid_credentials")]
)
def test_other_credentials_that_are_not_valid_are_401(db: Any, header: str, code: str) -> None:
    assert_problem(APIClient(headers={"Authorization": header}).get(SESSION), 401, code)


def test_it_takes_few_queries(alice: User, client: Client, django_assert_num_queries: Any) -> None:
    secret, _ = issue_token(alice)
    with django_assert_num_queries(2):  # the token with its user and its end, the external id
        APIClient(headers={"Authorization": f"Bearer {secret}"}).get(SESSION)
    client.force_login(alice)
    with django_assert_num_queries(3):  # the session with its end, the user, the external id
        client.get(SESSION)
    with django_assert_num_queries(0):
        APIClient().get(SESSION)
