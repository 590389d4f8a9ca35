"""POST /api/v1/session/: sign-in with a cookie."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from chatserver.config.rates import Rate
from chatserver.http.throttling import Throttle
from chatserver.tests.harness.answers import assert_problem, emitted, revoked
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.sessions import LOGIN, NOBODY, SESSION, SESSION_PATHS, identity, sign_in, write
from users.actions.credentials import issue_token
from users.actions.people import ban_user, create_user, delete_user
from users.actions.tickets import issue_ticket
from users.credentials import login_throttles, passwords
from users.credentials.verified_passwords import VerifiedPasswords
from users.models import Ticket, User, session_credential


@pytest.fixture
def passwordless(settings: Any) -> None:
    settings.CHAT_PASSWORDLESS_LOGIN = True


@pytest.mark.parametrize("path", SESSION_PATHS)
def test_a_name_and_a_password_start_a_session(alice: User, browser: Client, path: str) -> None:
    answer = write(browser, "post", LOGIN, path)
    assert answer.status_code == 201
    body = answer.json()
    assert (body["user"]["id"], body["credential"]) == (alice.pk, "session")
    until = datetime.fromisoformat(body["expires_at"])
    assert abs(until - timezone.now() - timedelta(weeks=2)) < timedelta(minutes=1)
    assert identity(browser)["user"] == body["user"]
    assert (answer.cookies["sessionid"]["samesite"], answer.cookies["sessionid"]["httponly"]) == ("Lax", True)
    assert browser.get("/api/v1/users/me/").json()["id"] == alice.pk


@pytest.mark.parametrize("token", [None, "", "x", "x" * 64])
def test_without_the_csrf_token_it_starts_none(alice: User, browser: Client, token: str | None) -> None:
    headers = {} if token is None else {"X-CSRFToken": token}
    answer = browser.post(SESSION, LOGIN, content_type="application/json", headers=headers)
    assert_problem(answer, 403)
    assert "sessionid" not in answer.cookies
    assert identity(browser) == NOBODY


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://["])
def test_a_page_of_another_site_starts_none(alice: User, browser: Client, origin: str) -> None:
    assert_problem(sign_in(browser, Origin=origin), 403)
    assert identity(browser) == NOBODY


@pytest.mark.parametrize(
    "body",
    [
        LOGIN | {"password": "wrong"},
        LOGIN | {"username": "nobody"},
        {"username": "alice"},
        LOGIN | {"password": None},
    ],
)
@pytest.mark.parametrize("is_passwordless", [True, False])
def test_every_wrong_one_gets_the_same_answer(
    alice: User, browser: Client, settings: Any, body: Any, is_passwordless: bool
) -> None:
    settings.CHAT_PASSWORDLESS_LOGIN = is_passwordless
    refused = assert_problem(sign_in(browser, body), 401, "invalid_credentials")
    assert refused["detail"] == "Invalid username or password."
    assert identity(browser) == NOBODY
    assert not Session.objects.exists()


def test_banned_and_deleted_users_are_refused(alice: User, bob: User, browser: Client, passwordless: None) -> None:
    dora = create_user("dora")
    for person, end in ((alice, ban_user), (bob, delete_user), (dora, ban_user)):
        end(person)
    for body in (LOGIN, LOGIN | {"username": bob.username}, {"username": "dora"}, {"username": bob.username}):
        assert_problem(sign_in(browser, body), 401, "invalid_credentials")
    assert not Session.objects.exists()


@pytest.mark.parametrize("body", [{"username": "Dora"}, {"username": "ＤＯＲＡ", "password": None}])
def test_a_name_alone_is_enough_where_that_is_allowed(
    browser: Client, passwordless: None, body: dict[str, Any]
) -> None:
    answer = sign_in(browser, body)
    assert answer.status_code == 201
    made = User.objects.get(username=User.normalize_username(body["username"]))
    assert (answer.json()["user"]["id"], made.has_usable_password()) == (made.pk, False)
    assert [event["id"] for event in emitted("user.created")] == [made.pk]
    assert sign_in(browser, {"username": "dora"}).json()["user"]["id"] == made.pk


@pytest.mark.parametrize("name", ["a b", "a/b", "adam\u3164", "a:b"])
def test_an_invalid_name_creates_no_user(browser: Client, passwordless: None, name: str) -> None:
    before = User.objects.count()
    assert_problem(sign_in(browser, {"username": name}), 401, "invalid_credentials")
    assert User.objects.count() == before


PRIVILEGES = ("is_staff", "is_superuser", "is_service")


@pytest.mark.parametrize("right", PRIVILEGES)
@pytest.mark.parametrize("password", ["", None, "correct horse battery"])
def test_staff_superusers_and_services_never_sign_in_by_name_alone(
    browser: Client, passwordless: None, right: str, password: str | None
) -> None:
    dora = create_user("dora", password=password)
    setattr(dora, right, True)
    dora.save()
    for body in ({"username": "dora"}, {"username": "DORA", "password": None}):
        assert_problem(sign_in(browser, body), 401, "invalid_credentials")
    User.objects.filter(pk=dora.pk).update(password="")
    assert_problem(sign_in(browser, {"username": "dora"}), 401, "invalid_credentials")
    assert not Session.objects.exists()


@pytest.mark.parametrize("right", PRIVILEGES)
def test_a_session_by_name_alone_ends_where_its_user_gets_rights(
    browser: Client, passwordless: None, right: str
) -> None:
    assert sign_in(browser, {"username": "dora"}).status_code == 201
    User.objects.filter(username="dora").update(**{right: True})
    assert browser.get("/api/v1/users/me/").status_code == 401
    assert identity(browser) == NOBODY


def test_a_session_by_password_outlives_new_rights(alice: User, browser: Client) -> None:
    sign_in(browser)
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert browser.get("/api/v1/users/me/").status_code == 200


def test_where_registration_is_closed_a_name_alone_creates_no_user(
    browser: Client, passwordless: None, settings: Any
) -> None:
    settings.CHAT_OPEN_REGISTRATION = False
    create_user("dora")
    assert_problem(sign_in(browser, {"username": "emil"}), 401, "invalid_credentials")
    assert not User.objects.filter(username="emil").exists()
    assert sign_in(browser, {"username": "dora"}).status_code == 201


def test_without_the_setting_a_name_alone_creates_no_user(browser: Client, settings: Any) -> None:
    settings.CHAT_PASSWORDLESS_LOGIN = False
    create_user("dora")
    for name in ("dora", "emil"):
        assert_problem(sign_in(browser, {"username": name}), 401, "invalid_credentials")
    assert not User.objects.filter(username="emil").exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "username"),
        ({"username": ""}, "username"),
        ({"username": None}, "username"),
        ({"username": ["alice"]}, "username"),
        ({"username": "a\0"}, "username"),
        (LOGIN | {"password": ""}, "password"),
        (LOGIN | {"password": "x" * 1001}, "password"),
        (LOGIN | {"password": {}}, "password"),
    ],
)
def test_an_invalid_body_is_400(alice: User, browser: Client, body: Any, field: str) -> None:
    assert_problem(sign_in(browser, body), 400, field=field)


@pytest.mark.parametrize("body", [LOGIN | {"password": "wrong"}, {"username": "dora"}])
def test_attempts_run_out(
    alice: User, browser: Client, passwordless: None, monkeypatch: pytest.MonkeyPatch, body: Any
) -> None:
    monkeypatch.setattr(login_throttles, "login_throttle", Throttle(f"test-{uuid.uuid4().hex}", Rate(3, 86400)))
    monkeypatch.setattr(passwords, "verified", VerifiedPasswords(10))
    left = [sign_in(browser, body)["X-RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = sign_in(browser, body)
    assert_problem(refused, 429, "throttled")
    assert int(refused["Retry-After"]) > 0


def test_it_ends_the_session_of_another_person_and_its_streams(alice: User, bob: User, browser: Client) -> None:
    sign_in(browser, LOGIN | {"username": "bob"})
    old_key = browser.session.session_key or ""
    issue_ticket(bob, session_key=old_key)
    assert sign_in(browser).json()["user"]["id"] == alice.pk
    assert revoked(bob.pk) == [("logged_out", session_credential(old_key))]
    assert revoked(alice.pk) == []
    assert not Ticket.objects.exists()
    assert identity(Client(headers={"Cookie": f"sessionid={old_key}"})) == NOBODY


def test_it_keeps_the_streams_of_the_same_person(alice: User, browser: Client) -> None:
    sign_in(browser)
    key = browser.session.session_key
    assert sign_in(browser).status_code == 201
    assert (browser.session.session_key, revoked(alice.pk)) == (key, [])


def test_a_session_that_was_there_before_is_not_taken_over(alice: User, browser: Client) -> None:
    """Session fixation."""
    planted = browser.session
    planted["x"] = 1
    planted.save()
    browser.cookies["sessionid"] = planted.session_key
    sign_in(browser)
    assert browser.session.session_key != planted.session_key


def test_a_cookie_that_is_no_session_does_not_hinder(alice: User, browser: Client) -> None:
    browser.cookies["sessionid"] = "0123456789abcdefghijklmnopqrstuv"
    assert sign_in(browser).status_code == 201


def test_a_token_starts_no_session(alice: User, browser: Client) -> None:
    secret, _ = issue_token(alice)
    assert_problem(sign_in(browser, Authorization=f"Bearer {secret}"), 400, "no_session")
    assert_problem(sign_in(browser, Authorization="Bearer ct_nonsense"), 401, "invalid_token")
    assert not Session.objects.exists()


def test_it_takes_few_queries(alice: User, browser: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(15):
        sign_in(browser)


def test_in_production_nobody_signs_in_without_a_password(granian: Service) -> None:
    """Adam of the demo has none."""
    with httpx.Client(base_url=granian.url) as browser:
        browser.get(SESSION)
        headers = {"X-CSRFToken": browser.cookies["csrftoken"]}
        for name in ("Adam", "Somebody-new"):
            answer = browser.post(SESSION, json={"username": name}, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
    assert granian.sql("SELECT 1 FROM users_user WHERE username = 'Somebody-new'") == []
