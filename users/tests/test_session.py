"""/api/v1/session/: who am I, sign-in and sign-out with a cookie."""

import base64
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from chatserver.http.throttling import Rate, Throttle
from chatserver.tests.harness.answers import assert_problem, emitted, revoked
from chatserver.tests.harness.service import Service
from users.actions import ban_user, create_user, delete_user, issue_ticket, issue_token, log_out_everywhere
from users.credentials import login_throttles, passwords
from users.credentials.verified_passwords import VerifiedPasswords
from users.models import Ticket, User, session_credential

PATHS = ["/api/v1/session", "/api/v1/session/"]
PATH = PATHS[1]
LOGIN = {"username": "alice", "password": "correct horse battery"}
NOBODY = {"user": None, "credential": None, "expires_at": None}


@pytest.fixture
def browser(db: Any, browser_client: Client) -> Client:
    """A browser that has its CSRF token."""
    assert browser_client.get(PATH).json() == NOBODY
    return browser_client


@pytest.fixture
def passwordless(settings: Any) -> None:
    settings.CHAT_PASSWORDLESS_LOGIN = True


def write(browser: Client, method: str, body: Any = None, path: str = PATH, **headers: str) -> Any:
    """A write as a page does it, with the CSRF token of its cookie."""
    token = browser.cookies["csrftoken"].value
    request = getattr(browser, method)
    return request(path, body, content_type="application/json", headers={"X-CSRFToken": token, **headers})


def sign_in(browser: Client, body: Any = LOGIN, **headers: str) -> Any:
    return write(browser, "post", body, **headers)


def who(browser: Client) -> dict[str, Any]:
    answer = browser.get(PATH)
    assert answer.status_code == 200
    return answer.json()


def basic(name: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:correct horse battery".encode()).decode()}


class TestWhoAmI:
    @pytest.mark.parametrize("path", PATHS)
    def test_nobody_is_told_so_and_gets_a_csrf_token(self, db: Any, client: Client, path: str) -> None:
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (200, NOBODY)
        assert answer.cookies["csrftoken"].value
        assert "sessionid" not in answer.cookies

    def test_a_token_says_until_when_it_is_good(self, alice: User) -> None:
        secret, token = issue_token(alice)
        answer = APIClient(headers={"Authorization": f"Bearer {secret}"}).get(PATH)
        body = answer.json()
        assert (body["user"]["id"], body["user"]["email"]) == (alice.pk, "alice@example.com")
        assert body["credential"] == "token"
        assert datetime.fromisoformat(body["expires_at"]) == token.expires_at.replace(microsecond=0)
        assert not answer.cookies

    def test_a_password_is_good_for_ever(self, alice: User) -> None:
        body = APIClient(headers=basic("alice")).get(PATH).json()
        assert (body["user"]["id"], body["credential"], body["expires_at"]) == (alice.pk, "password", None)

    def test_a_session_says_until_when_it_is_good(self, alice: User, client: Client) -> None:
        client.force_login(alice)
        soon = timezone.now().replace(microsecond=0) + timedelta(hours=1)
        Session.objects.update(expire_date=soon)
        body = who(client)
        assert (body["user"]["id"], body["credential"]) == (alice.pk, "session")
        assert datetime.fromisoformat(body["expires_at"]) == soon

    def test_a_session_that_has_ended_is_nobody(self, alice: User, client: Client) -> None:
        client.force_login(alice)
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
        assert who(client) == NOBODY

    @pytest.mark.parametrize("ending", [ban_user, delete_user, log_out_everywhere])
    def test_so_is_one_whose_right_has_ended(self, alice: User, client: Client, ending: Callable[[User], None]) -> None:
        client.force_login(alice)
        ending(alice)
        assert who(client) == NOBODY

    @pytest.mark.parametrize(
        ("header", "code"), [("Bearer ct_nonsense", "invalid_token"), ("Basic YTpi", "invalid_credentials")]
    )
    def test_other_credentials_that_are_not_valid_are_401(self, db: Any, header: str, code: str) -> None:
        assert_problem(APIClient(headers={"Authorization": header}).get(PATH), 401, code)

    def test_it_takes_few_queries(self, alice: User, client: Client, django_assert_num_queries: Any) -> None:
        secret, _ = issue_token(alice)
        with django_assert_num_queries(1):  # the token with its user and its end
            APIClient(headers={"Authorization": f"Bearer {secret}"}).get(PATH)
        client.force_login(alice)
        with django_assert_num_queries(2):  # the session with its end, the user
            client.get(PATH)
        with django_assert_num_queries(0):
            APIClient().get(PATH)


class TestSignIn:
    @pytest.mark.parametrize("path", PATHS)
    def test_a_name_and_a_password_start_a_session(self, alice: User, browser: Client, path: str) -> None:
        answer = write(browser, "post", LOGIN, path)
        assert answer.status_code == 201
        body = answer.json()
        assert (body["user"]["id"], body["credential"]) == (alice.pk, "session")
        until = datetime.fromisoformat(body["expires_at"])
        assert abs(until - timezone.now() - timedelta(weeks=2)) < timedelta(minutes=1)
        assert who(browser)["user"] == body["user"]
        assert (answer.cookies["sessionid"]["samesite"], answer.cookies["sessionid"]["httponly"]) == ("Lax", True)
        assert browser.get("/api/v1/users/me/").json()["id"] == alice.pk

    @pytest.mark.parametrize("token", [None, "", "x", "x" * 64])
    def test_without_the_csrf_token_it_starts_none(self, alice: User, browser: Client, token: str | None) -> None:
        headers = {} if token is None else {"X-CSRFToken": token}
        answer = browser.post(PATH, LOGIN, content_type="application/json", headers=headers)
        assert_problem(answer, 403)
        assert "sessionid" not in answer.cookies
        assert who(browser) == NOBODY

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://["])
    def test_a_page_of_another_site_starts_none(self, alice: User, browser: Client, origin: str) -> None:
        assert_problem(sign_in(browser, Origin=origin), 403)
        assert who(browser) == NOBODY

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
    def test_every_wrong_one_is_told_the_same(
        self, alice: User, browser: Client, settings: Any, body: Any, is_passwordless: bool
    ) -> None:
        settings.CHAT_PASSWORDLESS_LOGIN = is_passwordless
        refused = assert_problem(sign_in(browser, body), 401, "invalid_credentials")
        assert refused["detail"] == "Invalid username or password."
        assert who(browser) == NOBODY
        assert not Session.objects.exists()

    def test_the_banned_and_the_deleted_stay_out(
        self, alice: User, bob: User, browser: Client, passwordless: None
    ) -> None:
        dora = create_user("dora")
        for person, end in ((alice, ban_user), (bob, delete_user), (dora, ban_user)):
            end(person)
        for body in (LOGIN, LOGIN | {"username": bob.username}, {"username": "dora"}, {"username": bob.username}):
            assert_problem(sign_in(browser, body), 401, "invalid_credentials")
        assert not Session.objects.exists()

    @pytest.mark.parametrize("body", [{"username": "Dora"}, {"username": "ＤＯＲＡ", "password": None}])
    def test_a_name_alone_will_do_where_it_is_allowed(
        self, browser: Client, passwordless: None, body: dict[str, Any]
    ) -> None:
        answer = sign_in(browser, body)
        assert answer.status_code == 201
        made = User.objects.get(username=User.normalize_username(body["username"]))
        assert (answer.json()["user"]["id"], made.has_usable_password()) == (made.pk, False)
        assert [event["id"] for event in emitted("user.created")] == [made.pk]
        assert sign_in(browser, {"username": "dora"}).json()["user"]["id"] == made.pk

    @pytest.mark.parametrize("name", ["a b", "a/b", "\ufdfa" * 100, "a:b"])
    def test_a_name_that_is_none_becomes_nobody(self, browser: Client, passwordless: None, name: str) -> None:
        before = User.objects.count()
        assert_problem(sign_in(browser, {"username": name}), 401, "invalid_credentials")
        assert User.objects.count() == before

    def test_without_the_setting_a_name_alone_makes_nobody(self, browser: Client, settings: Any) -> None:
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
    def test_a_body_that_is_none_is_400(self, alice: User, browser: Client, body: Any, field: str) -> None:
        assert_problem(sign_in(browser, body), 400, field=field)

    @pytest.mark.parametrize("body", [LOGIN | {"password": "wrong"}, {"username": "dora"}])
    def test_attempts_run_out(
        self, alice: User, browser: Client, passwordless: None, monkeypatch: pytest.MonkeyPatch, body: Any
    ) -> None:
        monkeypatch.setattr(
            login_throttles, "login_throttle", Throttle(f"test-{uuid.uuid4().hex}", Rate(3, 86400), is_shared=True)
        )
        monkeypatch.setattr(passwords, "verified", VerifiedPasswords(10))
        left = [sign_in(browser, body)["X-RateLimit-Remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        refused = sign_in(browser, body)
        assert_problem(refused, 429, "throttled")
        assert int(refused["Retry-After"]) > 0

    def test_it_ends_the_session_of_another_person_and_its_streams(
        self, alice: User, bob: User, browser: Client
    ) -> None:
        sign_in(browser, LOGIN | {"username": "bob"})
        old_key = browser.session.session_key or ""
        issue_ticket(bob, session_key=old_key)
        assert sign_in(browser).json()["user"]["id"] == alice.pk
        assert revoked(bob.pk) == [("logged_out", session_credential(old_key))]
        assert revoked(alice.pk) == []
        assert not Ticket.objects.exists()
        assert who(Client(headers={"Cookie": f"sessionid={old_key}"})) == NOBODY

    def test_it_keeps_the_streams_of_the_same_person(self, alice: User, browser: Client) -> None:
        sign_in(browser)
        key = browser.session.session_key
        assert sign_in(browser).status_code == 201
        assert (browser.session.session_key, revoked(alice.pk)) == (key, [])

    def test_a_session_that_was_there_before_is_not_taken_over(self, alice: User, browser: Client) -> None:
        """Session fixation."""
        planted = browser.session
        planted["x"] = 1
        planted.save()
        browser.cookies["sessionid"] = planted.session_key
        sign_in(browser)
        assert browser.session.session_key != planted.session_key

    def test_a_cookie_that_is_no_session_does_not_hinder(self, alice: User, browser: Client) -> None:
        browser.cookies["sessionid"] = "0123456789abcdefghijklmnopqrstuv"
        assert sign_in(browser).status_code == 201

    def test_a_token_starts_no_session(self, alice: User, browser: Client) -> None:
        secret, _ = issue_token(alice)
        assert_problem(sign_in(browser, Authorization=f"Bearer {secret}"), 400, "no_session")
        assert_problem(sign_in(browser, Authorization="Bearer ct_nonsense"), 401, "invalid_token")
        assert not Session.objects.exists()

    def test_it_takes_few_queries(self, alice: User, browser: Client, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(9):
            sign_in(browser)


class TestSignOut:
    @pytest.mark.parametrize("path", PATHS)
    def test_it_ends_this_session_its_tickets_and_streams_and_no_other(
        self, alice: User, bob: User, browser: Client, client: Client, path: str
    ) -> None:
        client.force_login(alice)
        _, token = issue_token(alice)
        sign_in(browser)
        key = browser.session.session_key or ""
        issue_ticket(alice, session_key=key)
        issue_ticket(alice, session_key=client.session.session_key or "")

        answer = write(browser, "delete", path=path)

        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.cookies["sessionid"].value == ""
        assert revoked(alice.pk) == [("logged_out", session_credential(key))]
        assert list(Ticket.objects.values_list("session_key", flat=True)) == [client.session.session_key]
        assert who(browser) == who(Client(headers={"Cookie": f"sessionid={key}"})) == NOBODY
        assert who(client)["user"]["id"] == alice.pk
        assert list(alice.tokens.all()) == [token]

    def test_without_the_csrf_token_it_ends_nothing(self, alice: User, browser: Client) -> None:
        sign_in(browser)
        assert_problem(browser.delete(PATH), 403)
        assert_problem(write(browser, "delete", Origin="https://evil.example"), 403)
        assert who(browser)["user"]["id"] == alice.pk
        assert revoked(alice.pk) == []

    def test_who_came_without_a_session_has_none_to_end(self, alice: User, browser: Client) -> None:
        secret, token = issue_token(alice)
        for headers in ({"Authorization": f"Bearer {secret}"}, basic("alice")):
            assert_problem(APIClient(headers=headers).delete(PATH), 400, "no_session")
        assert_problem(write(browser, "delete"), 401, "not_authenticated")
        assert list(alice.tokens.all()) == [token]
        assert revoked(alice.pk) == []

    def test_it_takes_few_queries(self, alice: User, browser: Client, django_assert_num_queries: Any) -> None:
        sign_in(browser)
        with django_assert_num_queries(10):
            write(browser, "delete")


def test_in_production_nobody_comes_in_without_a_password(granian: Service) -> None:
    """Adam of the demo has none."""
    with httpx.Client(base_url=granian.url) as browser:
        browser.get(PATH)
        headers = {"X-CSRFToken": browser.cookies["csrftoken"]}
        for name in ("Adam", "Somebody-new"):
            answer = browser.post(PATH, json={"username": name}, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
    assert granian.sql("SELECT 1 FROM users_user WHERE username = 'Somebody-new'") == []
