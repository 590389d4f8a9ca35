"""The session cookie: reads are free, writes need the CSRF token."""

from typing import Any

import pytest
from django.test import Client

from chats.models import Message
from chatserver.tests.harness.answers import assert_problem
from users.actions.credentials import log_out_everywhere
from users.actions.people import ban_user, delete_user
from users.models import User

WRITES = [
    ("post", "/api/v1/chats/", {"room_id": 0, "message": "hai"}, 201),
    ("post", "/api/v1/rooms/", {"name": "a room", "kind": "closed"}, 201),
    ("patch", "/api/v1/users/me/", {"display_name": "Al"}, 200),
    ("delete", "/api/v1/users/", {}, 204),
    ("post", "/api/v1/tickets/", {}, 201),
]


@pytest.fixture
def browser(alice: User, browser_client: Client) -> Client:
    """Alice's browser, signed in as the page does it."""
    browser_client.get("/api/v1/session/")
    body = {"username": "alice", "password": "correct horse battery"}
    token = browser_client.cookies["csrftoken"].value
    assert write(browser_client, "post", "/api/v1/session/", body, **{"X-CSRFToken": token}).status_code == 201
    return browser_client


def write(browser: Client, method: str, path: str, body: Any, **headers: str) -> Any:
    return getattr(browser, method)(path, body, content_type="application/json", headers=headers)


@pytest.mark.parametrize(("method", "path", "body", "status"), WRITES)
def test_a_write_with_the_csrf_token_is_done(browser: Client, method: str, path: str, body: Any, status: int) -> None:
    token = browser.cookies["csrftoken"].value
    assert write(browser, method, path, body, **{"X-CSRFToken": token}).status_code == status


@pytest.mark.parametrize(("method", "path", "body", "status"), WRITES)
@pytest.mark.parametrize("token", [None, "", "x", "x" * 32, "x" * 64, "\xff"])
def test_a_write_without_it_is_refused(
    alice: User, browser: Client, method: str, path: str, body: Any, status: int, token: str | None
) -> None:
    headers = {} if token is None else {"X-CSRFToken": token}
    assert_problem(write(browser, method, path, body, **headers), 403)
    alice.refresh_from_db()
    assert (alice.display_name, alice.is_deleted, alice.tickets.count()) == ("", False, 0)
    assert not Message.objects.filter(sender=alice).exists()


def test_a_write_from_another_site_is_refused(browser: Client) -> None:
    token = browser.cookies["csrftoken"].value
    for origin in ("https://evil.example", "null", "http://["):
        headers = {"X-CSRFToken": token, "Origin": origin}
        assert_problem(write(browser, "post", "/api/v1/chats/", {"room_id": 0, "message": "hai"}, **headers), 403)


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "x"])
def test_a_form_of_another_site_breaks_nothing(browser: Client, content_type: str) -> None:
    token = browser.cookies["csrftoken"].value
    for headers in ({}, {"X-CSRFToken": token}):
        answer = browser.generic("POST", "/api/v1/chats/", b"\xff=--x", content_type, headers=headers)
        assert_problem(answer, 415)
    assert not Message.objects.exists()


def test_a_read_needs_no_csrf_token(alice: User, browser: Client) -> None:
    assert browser.get("/api/v1/users/me/").json()["id"] == alice.pk
    assert browser.get("/api/v1/rooms/").status_code == 200


@pytest.mark.parametrize("ending", [ban_user, delete_user, log_out_everywhere])
def test_a_session_ends_with_its_right(alice: User, browser: Client, ending: Any) -> None:
    assert browser.get("/api/v1/users/me/").status_code == 200
    ending(alice)
    assert_problem(browser.get("/api/v1/users/me/"), 401, "not_authenticated")


@pytest.mark.parametrize(
    "cookie", ["x", '"abcdefghij\\000"', "\xff\xfe" * 8, "x" * 5000, "a;b", '"', "../../etc/passwd"]
)
def test_a_cookie_that_is_no_session_is_nobody(db: Any, client: Client, cookie: str) -> None:
    headers = {"Cookie": f"sessionid={cookie}; csrftoken={cookie}"}
    assert_problem(client.get("/api/v1/users/me/", headers=headers), 401, "not_authenticated")
    assert client.get("/api/v1/session/", headers=headers).json()["user"] is None


def test_a_session_takes_two_queries_beside_that_of_the_external_id(
    alice: User, browser: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3):  # the session, the user, the external id
        browser.get("/api/v1/users/me/")


def test_the_cookie_is_lax_and_not_for_scripts(browser: Client) -> None:
    cookie = browser.cookies["sessionid"]
    assert (cookie["samesite"], cookie["httponly"]) == ("Lax", True)
