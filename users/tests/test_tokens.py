"""POST /api/v1/tokens/ and DELETE /api/v1/tokens/current/"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from chatserver.tests.harness.answers import assert_problem, revoked
from users.actions.credentials import issue_token
from users.actions.people import ban_user, create_user, delete_user
from users.actions.tickets import issue_ticket
from users.credentials.identity import Identity
from users.models import Ticket, Token, User

LOGIN = {"username": "alice", "password": "correct horse battery"}
PATHS = ["/api/v1/tokens", "/api/v1/tokens/"]
CURRENT = ["/api/v1/tokens/current", "/api/v1/tokens/current/"]


def log_in(body: Any = LOGIN, path: str = PATHS[1], **headers: str) -> Any:
    return APIClient(headers=headers).post(path, body, format="json")


def bearer(secret: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {secret}"})


@pytest.mark.parametrize("path", PATHS)
def test_a_name_and_a_password_give_a_token_that_opens(alice: User, path: str, settings: Any) -> None:
    settings.CHAT_TOKEN_DAYS = 7
    answer = log_in(path=path)
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"token", "expires_at", "user"}
    assert (body["user"]["id"], body["user"]["email"]) == (alice.pk, "alice@example.com")
    expires_at = datetime.fromisoformat(body["expires_at"])
    assert abs(expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    assert bearer(body["token"]).get("/api/v1/users/me/").json()["id"] == alice.pk


def test_only_a_hash_is_kept(alice: User) -> None:
    secret = log_in().json()["token"]
    row = Token.objects.filter(user=alice).values().get()
    assert bytes(row["secret_hash"]) == hashlib.sha256(secret.encode()).digest()
    assert secret not in str(row)


def test_each_login_has_a_token_of_its_own(alice: User) -> None:
    assert log_in().json()["token"] != log_in().json()["token"]
    assert alice.tokens.count() == 2


@pytest.mark.parametrize("name", ["ALICE", "Alice", "ａｌｉｃｅ", " alice "])
def test_the_name_is_known_in_every_spelling(alice: User, name: str) -> None:
    assert log_in(LOGIN | {"username": name}).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        LOGIN | {"password": "wrong"},
        LOGIN | {"password": LOGIN["password"].upper()},
        LOGIN | {"password": LOGIN["password"] + " "},
        LOGIN | {"username": "nobody"},
        LOGIN | {"username": "alice@example.com"},
    ],
)
def test_every_wrong_login_gets_the_same_answer(alice: User, body: dict[str, str]) -> None:
    assert log_in().status_code == 201
    refused = assert_problem(log_in(body), 401, "invalid_credentials")
    assert refused["detail"] == "Invalid username or password."
    assert alice.tokens.count() == 1


def test_banned_deleted_and_passwordless_users_are_refused(alice: User, bob: User) -> None:
    assert log_in().status_code == 201
    ban_user(alice)
    delete_user(bob)
    create_user("dora")
    for name in ("alice", "bob", bob.username, "dora"):
        for password in (LOGIN["password"], "!", "None"):
            assert_problem(log_in({"username": name, "password": password}), 401, "invalid_credentials")
    assert not Token.objects.exists()


@pytest.mark.parametrize("field", ["username", "password"])
@pytest.mark.parametrize("value", [None, "", "a\0b", [], {}, True, "x" * 1001])
def test_an_invalid_login_is_400(alice: User, field: str, value: Any) -> None:
    assert_problem(log_in(LOGIN | {field: value}), 400, field=field)
    assert not Token.objects.exists()


def test_a_stale_token_or_cookie_does_not_hinder_a_login(alice: User, browser_client: Client) -> None:
    assert log_in(Authorization="Bearer stale").status_code == 201
    browser_client.force_login(alice)
    assert browser_client.post(PATHS[1], LOGIN, content_type="application/json").status_code == 201


@pytest.mark.parametrize("path", CURRENT)
def test_logging_out_ends_this_token_and_its_streams_and_no_other(alice: User, bob: User, path: str) -> None:
    secret, token = issue_token(alice)
    _, other = issue_token(alice)
    _, bobs = issue_token(bob)
    issue_ticket(alice, token_id=token.pk)
    kept = issue_ticket(alice, token_id=other.pk)
    assert kept

    answer = bearer(secret).delete(path)

    assert (answer.status_code, answer.content) == (204, b"")
    assert set(Token.objects.all()) == {other, bobs}
    assert list(Ticket.objects.values_list("token_id", flat=True)) == [other.pk]
    assert revoked(alice.pk) == [("logged_out", f"token:{token.pk}")]
    assert revoked(bob.pk) == []
    assert_problem(bearer(secret).delete(path), 401, "invalid_token")


def test_a_caller_without_a_token_has_none_to_end(alice: User, api_of: Any, client: Client) -> None:
    _, token = issue_token(alice)
    client.force_login(alice)
    assert_problem(client.delete(CURRENT[0]), 400, "no_token")
    client.logout()
    assert_problem(client.delete(CURRENT[0]), 401)
    assert list(Token.objects.all()) == [token]
    assert revoked(alice.pk) == []


def test_a_token_that_somebody_ends_at_the_same_time_is_just_ended(alice: User, api_of: Any) -> None:
    _, token = issue_token(alice)
    identity = Identity(alice, token.credential, None)
    token.delete()
    client = APIClient()
    client.force_authenticate(alice, identity)
    assert client.delete(CURRENT[0]).status_code == 204


def test_using_a_token_takes_one_query_beside_that_of_the_external_id(
    alice: User, django_assert_num_queries: Any
) -> None:
    secret, _ = issue_token(alice)
    client = bearer(secret)
    with django_assert_num_queries(2):
        client.get("/api/v1/users/me/")


def test_logging_in_takes_few_queries(alice: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(
        7
    ):  # the user, savepoint, lock, the token, how many there are, release, the external id
        log_in()
