"""The old /login: with and without a password, by every way a name may be sent."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from django.test import Client

from chatserver.tests.harness.answers import assert_old_error, emitted, revoked
from chatserver.tests.harness.service import Service
from users.actions.people import ban_user, create_user, delete_user
from users.models import User, session_credential

PASSWORD = "correct horse battery"
BAD = "Invalid username or password"


@pytest.fixture
def passwordless(settings: Any) -> None:
    settings.CHAT_PASSWORDLESS_LOGIN = True


@pytest.fixture
def adam(passwordless: None, db: Any) -> User:
    """Has no password."""
    return create_user("Adam")


def log_in(client: Client, **body: Any) -> Any:
    return client.post("/login", body, content_type="application/json")


def who(client: Client) -> Any:
    return client.get("/me").json()


def test_two_first_logins_at_once_are_the_same_person(start_service: Callable[..., Service]) -> None:
    service = start_service(CHAT_PASSWORDLESS_LOGIN="True")
    service.people(1)

    def first_login(name: str) -> httpx.Response:
        return httpx.post(f"{service.url}/login", json={"username": name})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(first_login, [f"new{number // 4}" for number in range(32)]))
    assert [answer.status_code for answer in answers] == [200] * 32
    assert len({answer.json()["id"] for answer in answers}) == 8


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type"),
    [
        ("GET", "/login?username=Adam", "", "application/json"),
        ("GET", "/login", '{"username": "Adam"}', "application/json"),
        ("GET", "/login", '{"username": "Adam"}', ""),
        ("POST", "/login", '{"username": "Adam"}', "application/json"),
        ("POST", "/login/", ' {"username": "Adam"} ', "text/plain"),
        ("POST", "/login", '{"username": "Adam"}', "application/x-www-form-urlencoded"),
        ("POST", "/login", "username=Adam", "application/x-www-form-urlencoded"),
        ("POST", "/login?username=Adam", "", "application/x-www-form-urlencoded"),
        (
            "POST",
            "/login",
            '--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nAdam\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_a_name_comes_in_every_way(adam: User, method: str, path: str, body: str, content_type: str) -> None:
    client = Client()
    answer = client.generic(method, path, body, content_type)
    assert answer.status_code == 200
    assert answer.json() == {"id": str(adam.pk), "username": "Adam"}
    assert who(client) == {"id": str(adam.pk), "username": "Adam"}


def test_a_name_that_nobody_has_becomes_a_person(passwordless: None, db: Any) -> None:
    client = Client()
    body = log_in(client, username="Fay").json()
    user = User.objects.get(username="Fay")
    assert body == {"id": str(user.pk), "username": "Fay"}
    assert not user.has_usable_password()
    assert [event["id"] for event in emitted("user.created")] == [user.pk]
    assert log_in(Client(), username="fAY").json() == body
    assert len(emitted("user.created")) == 1


@pytest.mark.parametrize("name", ["a b", "a/b", "x" * 151, "\ufdfa", "\ufdfa" * 100, " ", "a:b", "\ud7ff"])
def test_an_invalid_name_creates_no_user(passwordless: None, db: Any, name: str) -> None:
    before = User.objects.count()
    assert_old_error(log_in(Client(), username=name), 401, BAD)
    assert User.objects.count() == before


def test_a_user_with_a_password_needs_it(alice: User, passwordless: None) -> None:
    client = Client()
    assert_old_error(log_in(client, username="alice"), 401, BAD)
    assert_old_error(log_in(client, username="alice", password="wrong"), 401, BAD)
    assert_old_error(log_in(client, username="alice", password=""), 401, BAD)
    assert who(client) is None
    assert log_in(client, username="alice", password=PASSWORD).status_code == 200
    assert who(client)["username"] == "alice"


@pytest.mark.parametrize("right", ["is_staff", "is_superuser", "is_service"])
def test_staff_superusers_and_services_need_one(adam: User, right: str) -> None:
    setattr(adam, right, True)
    adam.save()
    client = Client()
    assert_old_error(log_in(client, username="Adam"), 401, BAD)
    assert_old_error(log_in(client, username="Adam", password=""), 401, BAD)
    assert who(client) is None


def test_without_the_setting_everybody_needs_a_password(alice: User, adam: User, settings: Any) -> None:
    settings.CHAT_PASSWORDLESS_LOGIN = False
    before = User.objects.count()
    for name in ("Adam", "alice", "Fay"):
        client = Client()
        assert_old_error(log_in(client, username=name), 401, BAD)
        assert who(client) is None
    assert User.objects.count() == before
    assert log_in(Client(), username="ALICE", password=PASSWORD).status_code == 200


def test_banned_and_deleted_users_are_refused(alice: User, adam: User) -> None:
    bea = create_user("Bea")
    ban_user(adam)
    ban_user(alice)
    delete_user(bea)
    for body in ({"username": "Adam"}, {"username": "alice", "password": PASSWORD}, {"username": bea.username}):
        client = Client()
        assert_old_error(log_in(client, **body), 401, BAD)
        assert who(client) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"5",
        b'"Adam"',
        b'{"username": "Adam}',
        b'{"username": null}',
        b'{"username": ["Adam"]}',
        b'{"username": {"$ne": 1}}',
        b'{"username": 1.5}',
        b'{"username": "A\\u0000"}',
        b'{"username": "\\ud800"}',
        b'{"username": "\xff"}',
        b'{"username": "Adam", "password": ["x"]}',
        b'{"username": "Adam", "password": "\\u0000"}',
        b'{"username":' + b"1" * 5000 + b"}",
        b'{"a":' + b"[" * 10_000,
        b"[" * 10_000,
        b"username=%00",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_invalid_body_is_400(adam: User, method: str, body: bytes) -> None:
    before = User.objects.count()
    client = Client()
    assert_old_error(client.generic(method, "/login", body, "application/json"), 400)
    assert User.objects.count() == before
    assert who(client) is None


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\xff"]
)
def test_an_invalid_form_is_400(adam: User, content_type: str) -> None:
    assert_old_error(Client().generic("POST", "/login", b"--x", content_type), 400)


def test_too_many_fields_are_400(adam: User) -> None:
    fields = "&".join(f"a{number}=1" for number in range(1001))
    assert_old_error(Client().generic("POST", "/login", fields, "application/x-www-form-urlencoded"), 400)
    assert_old_error(Client().get(f"/login?{fields}"), 400)


def test_a_body_that_is_too_large_is_413(adam: User) -> None:
    assert_old_error(Client().generic("POST", "/login", json.dumps({"username": "x" * 2_000_000})), 413)


def test_logging_in_over_another_session_ends_that_and_its_streams(adam: User, alice: User) -> None:
    client = Client()
    log_in(client, username="alice", password=PASSWORD)
    old_key = client.session.session_key or ""
    log_in(client, username="Adam")
    assert who(client)["username"] == "Adam"
    assert revoked(alice.pk) == [("logged_out", session_credential(old_key))]
    assert revoked(adam.pk) == []
    thief = Client(headers={"Cookie": f"sessionid={old_key}"})
    assert who(thief) is None


def test_logging_in_again_keeps_the_session_and_its_streams(adam: User) -> None:
    client = Client()
    log_in(client, username="Adam")
    key = client.session.session_key
    log_in(client, username="Adam")
    assert client.session.session_key == key
    assert revoked(adam.pk) == []


def test_a_session_that_was_there_before_is_not_taken_over(adam: User) -> None:
    """Session fixation."""
    client = Client()
    client.session.save()
    planted = client.session
    planted["x"] = 1
    planted.save()
    client.cookies["sessionid"] = planted.session_key
    log_in(client, username="Adam")
    assert client.session.session_key != planted.session_key


@pytest.mark.parametrize("name", ["Adam", "Somebody"])
def test_a_password_that_nobody_set_is_ignored_where_names_are_enough(adam: User, name: str) -> None:
    client = Client()
    answer = log_in(client, username=name, password="password123")
    assert (answer.status_code, answer.json()["username"]) == (200, name)
    assert who(client) == answer.json()
    assert not User.objects.named(name).get().has_usable_password()


def test_a_password_that_somebody_set_is_not_ignored(alice: User, passwordless: None) -> None:
    assert_old_error(log_in(Client(), username="alice", password="password123"), 401, BAD)
    assert log_in(Client(), username="ALICE", password=PASSWORD).status_code == 200


def test_where_names_are_not_enough_no_password_is_ignored(db: Any, settings: Any) -> None:
    settings.CHAT_PASSWORDLESS_LOGIN = False
    create_user("Adam")
    for name in ("Adam", "Somebody"):
        assert_old_error(log_in(Client(), username=name, password="password123"), 401, BAD)
    assert not User.objects.named("Somebody").exists()


def test_no_staff_come_in_by_a_name_and_any_password(adam: User) -> None:
    adam.is_staff = True
    adam.save()
    assert_old_error(log_in(Client(), username="Adam", password="password123"), 401, BAD)
