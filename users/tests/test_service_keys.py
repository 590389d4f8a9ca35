"""Service keys: what they may do by their scopes, and what ends them."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from chatserver.config.rates import Rate
from chatserver.errors import Conflict
from chatserver.http.scopes import SCOPES
from chatserver.http.throttling import RequestThrottle, Throttle
from chatserver.tests.harness.answers import assert_problem, revoked
from users.actions.credentials import issue_token, log_out_everywhere
from users.actions.people import ban_user, delete_user, unban_user
from users.actions.service_keys import find_or_make_service, issue_key, revoke_key, rotate_key
from users.last_seen import flush_last_seen
from users.models import ServiceKey, User

ME = "/api/v1/users/me/"
ROOMS = "/api/v1/rooms/"


@pytest.fixture
def shop(db: Any) -> User:
    """A service account."""
    return find_or_make_service("shop")


def call(method: str, path: str, secret: str, body: Any = None, **headers: str) -> Any:
    headers |= {"Authorization": f"Bearer {secret}"}
    return Client().generic(method, path, "" if body is None else body, "application/json", headers=headers)


def test_write_includes_read_and_read_does_not_include_write(shop: User) -> None:
    reads, _ = issue_key(shop, "reads", ["rooms:read"])
    writes, _ = issue_key(shop, "writes", ["rooms:write"])
    new = '{"name":"a room"}'
    assert call("GET", ROOMS, reads).status_code == 200
    assert_problem(call("POST", ROOMS, reads, new), 403, "scope_missing")
    assert call("POST", ROOMS, writes, new).status_code == 201
    assert len(call("GET", ROOMS, writes).json()["results"]) == 2
    assert_problem(call("GET", ME, writes), 403, "scope_missing")


def test_a_key_is_its_service_account(shop: User) -> None:
    secret, key = issue_key(shop, "shop", ["users:read"], expires_days=7)
    assert call("GET", ME, secret).json()["username"] == "shop"
    session = call("GET", "/api/v1/session/", secret).json()
    assert (session["credential"], session["user"]["id"]) == ("key", shop.pk)
    assert session["expires_at"][:10] == str(key.expires_at.date())


def expire(shop: User, key: ServiceKey) -> None:
    ServiceKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def demote(shop: User, key: ServiceKey) -> None:
    User.objects.filter(pk=shop.pk).update(is_service=False)


ENDINGS: dict[str, Callable[[User, ServiceKey], Any]] = {
    "it expired": expire,
    "it was revoked": lambda shop, key: revoke_key(key),
    "its account was banned": lambda shop, key: ban_user(shop),
    "its account was banned and unbanned": lambda shop, key: (ban_user(shop), unban_user(shop)),
    "its account was deleted": lambda shop, key: delete_user(shop),
    "its account was logged out everywhere": lambda shop, key: log_out_everywhere(shop),
    "its account is no service any more": demote,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_key_that_has_ended_is_refused(shop: User, alice: User, ending: str) -> None:
    secret, key = issue_key(shop, "shop", SCOPES)
    assert call("GET", ME, secret).status_code == 200
    ENDINGS[ending](shop, key)
    assert_problem(call("GET", ME, secret), 401, "invalid_token")
    acting = call("GET", ME, secret, **{"Chat-On-Behalf-Of": str(alice.pk)})
    assert_problem(acting, 401, "invalid_token")


def test_a_revocation_ends_the_streams_of_the_key_once(shop: User) -> None:
    _, key = issue_key(shop, "shop", SCOPES)
    revoke_key(key)
    revoke_key(key)
    assert revoked(shop.pk) == [("logged_out", f"key:{key.pk}")]


def test_a_rotated_key_and_its_successor_are_valid_together(shop: User) -> None:
    first, key = issue_key(shop, "shop", ["users:read"], expires_days=30)
    second, successor = rotate_key(key)
    assert (successor.name, successor.scopes) == ("shop", ["users:read"])
    assert successor.expires_at - key.expires_at < timedelta(minutes=1)
    assert [call("GET", ME, secret).status_code for secret in (first, second)] == [200, 200]
    revoke_key(key)
    assert [call("GET", ME, secret).status_code for secret in (first, second)] == [401, 200]


def test_a_key_that_was_revoked_meanwhile_is_not_rotated(shop: User) -> None:
    _, key = issue_key(shop, "shop", ["users:read"])
    revoke_key(ServiceKey.objects.get(pk=key.pk))
    with pytest.raises(Conflict):
        rotate_key(key)
    assert ServiceKey.objects.live().count() == 0


@pytest.mark.parametrize("credential", ["token", "password"])
def test_a_token_and_a_password_of_a_service_account_need_no_scope(shop: User, credential: str) -> None:
    secret, _ = issue_token(shop)
    shop.set_password("correct horse battery")
    shop.save()
    basic = "Basic c2hvcDpjb3JyZWN0IGhvcnNlIGJhdHRlcnk="
    header = f"Bearer {secret}" if credential == "token" else basic
    for path in (ME, ROOMS, "/api/v1/chats/", "/api/v1/events/", "/api/v1/tokens/"):
        assert Client().get(path, headers={"Authorization": header}).status_code == 200


@pytest.mark.parametrize("path", ["/me", "/users", "/users/online", "/rooms/1", "/room/0/messages", "/links"])
def test_the_old_routes_take_no_key(shop: User, path: str) -> None:
    secret, _ = issue_key(shop, "shop", SCOPES)
    answer = call("GET", path, secret)
    assert (answer.status_code, list(answer.json())) == (403, ["message"])


def test_only_the_hash_of_a_key_is_stored(shop: User) -> None:
    secret, key = issue_key(shop, "shop", SCOPES)
    assert secret.startswith("csk_")
    row = ServiceKey.objects.filter(pk=key.pk).values().get()
    assert secret not in str(row)
    for guess in (bytes(row["secret_hash"]).hex(), secret[:-1], secret + "x", secret.removeprefix("csk_"), "csk_"):
        assert_problem(call("GET", ME, guess), 401, "invalid_token")


def test_when_a_key_was_used_is_noted(shop: User) -> None:
    secret, key = issue_key(shop, "shop", ["users:read"])
    call("GET", ME, secret)
    flush_last_seen()
    key.refresh_from_db()
    assert key.last_used_at is not None


def test_a_key_costs_one_statement_beside_the_audit_also_for_a_person(
    shop: User, alice: User, django_assert_num_queries: Callable[[int], Any]
) -> None:
    secret, _ = issue_key(shop, "shop", ["users:read", "act_as"])
    with django_assert_num_queries(3):  # the third is of the external id
        call("GET", ME, secret)
    with django_assert_num_queries(3):
        call("GET", ME, secret, **{"Chat-On-Behalf-Of": str(alice.pk)})


def test_a_key_has_limits_of_its_own_and_counts_for_the_person(
    shop: User, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RequestThrottle, "reads", Throttle("test-reads", Rate(1, 3600)))
    monkeypatch.setattr(RequestThrottle, "key_reads", Throttle("test-key-reads", Rate(3, 3600)))
    secret, _ = issue_key(shop, "shop", ["users:read", "act_as"])
    behalf = [{}, {"Chat-On-Behalf-Of": str(alice.pk)}, {"Chat-On-Behalf-Of": str(alice.pk)}, {}]
    assert [call("GET", ME, secret, **headers).status_code for headers in behalf] == [200, 200, 429, 429]


def made(*arguments: str) -> str:
    out = StringIO()
    call_command("create_service_key", *arguments, stdout=out)
    return out.getvalue().strip()


def test_the_command_makes_the_account_and_prints_the_key(db: Any) -> None:
    secret = made("--name", "shop", "--scope", "users:write", "--scope", "act_as", "--expires-days", "90")
    again = made("--name", "Shop", "--scope", "users:read")
    assert call("GET", ME, secret).json()["id"] == call("GET", ME, again).json()["id"]
    first, second = ServiceKey.objects.order_by("pk")
    assert first.scopes == ["act_as", "users:write"]
    assert (first.expires_at - first.created_at).days == 90
    assert second.expires_at is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("--name", "alice", "--scope", "users:read"),
        ("--name", "a shop", "--scope", "users:read"),
        ("--name", "shop", "--scope", "users"),
        ("--name", "shop", "--scope", "events:write"),
        ("--name", "shop"),
        ("--name", "shop", "--scope", "users:read", "--expires-days", "0"),
    ],
)
def test_the_command_refuses_people_and_what_is_no_scope(alice: User, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        made(*arguments)
    assert not ServiceKey.objects.exists()
    assert not User.objects.filter(is_service=True).exists()
