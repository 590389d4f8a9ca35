"""The old routes know no CSRF token; they refuse what another site sent."""

from typing import Any

import pytest
from django.test import Client

from chats.models import Message
from chatserver.tests.harness.answers import assert_old_error
from users.actions.credentials import issue_token
from users.models import User

LOGIN = {"username": "alice", "password": "correct horse battery"}
OTHERS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "nonsense"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"},
    {"Sec-Fetch-Site": "none", "Origin": "http://other.testserver"},
    {"Origin": "https://testserver"},
    {"Origin": "http://testserver, http://testserver"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "http://testserver:8080"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://["},
    {"Origin": "testserver"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "image"},
    {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "iframe"},
]
OWN: list[dict[str, str]] = [
    {},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://testserver"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"},
    {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"},
    {"Origin": "http://testserver"},
    {"Origin": "https://app.example"},
]


@pytest.fixture
def browser(alice: User, browser_client: Client, settings: Any) -> Client:
    settings.CSRF_TRUSTED_ORIGINS = ["https://app.example"]
    browser_client.force_login(alice)
    return browser_client


def say(browser: Client, headers: dict[str, str]) -> Any:
    return browser.post("/room/0/messages", {"message": "hai"}, "application/json", headers=headers)


@pytest.mark.parametrize("headers", OWN)
def test_what_our_own_pages_and_plain_clients_send_is_done(
    alice: User, browser: Client, headers: dict[str, str]
) -> None:
    assert say(browser, headers).status_code == 201
    assert Message.objects.filter(sender=alice).count() == 1
    assert browser.post("/login", LOGIN, "application/json", headers=headers).status_code == 200
    assert browser.get("/logout", headers=headers).status_code == 200
    assert browser.get("/me").json() is None


@pytest.mark.parametrize("headers", OTHERS)
def test_what_another_site_sends_is_refused(alice: User, browser: Client, headers: dict[str, str]) -> None:
    assert_old_error(say(browser, headers), 403)
    assert_old_error(browser.get("/logout", headers=headers), 403)
    assert_old_error(browser.post("/login", LOGIN, "application/json", headers=headers), 403)
    assert_old_error(browser.get("/me", headers=headers), 403)
    assert not Message.objects.exists()
    assert browser.get("/me").json()["username"] == "alice"


def test_another_site_cannot_log_a_visitor_in(alice: User, browser_client: Client) -> None:
    answer = browser_client.post("/login", LOGIN, "application/json", headers={"Sec-Fetch-Site": "cross-site"})
    assert_old_error(answer, 403)
    assert "sessionid" not in answer.cookies


@pytest.mark.parametrize("headers", [{}, {"Accept": "text/html"}, {"Accept": "x"}, {"Accept": "text/event-stream"}])
def test_the_answer_is_json_whatever_is_accepted(alice: User, headers: dict[str, str]) -> None:
    secret, _ = issue_token(alice)
    answer = Client().get("/me", headers=headers | {"Authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("path", ["/login", "/logout", "/me", "/users/online", "/users", "/room", "/room/0/messages"])
@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_other_methods_are_not_allowed(browser: Client, path: str, method: str) -> None:
    for url in (path, f"{path}/"):
        answer = getattr(browser, method)(url)
        assert_old_error(answer, 405)
        assert answer["Allow"]
