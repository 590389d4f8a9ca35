"""Every refusal of the API is an RFC 9457 problem: unknown paths, wrong methods, wrong types, odd hosts, bugs."""

from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.test import Client
from rest_framework.test import APIClient

from chatserver.tests.harness.answers import assert_problem
from users.actions.credentials import issue_token
from users.models import User

# Each path of people and of the log, and the methods it knows.
PATHS = {
    "/api/v1/users": {"GET", "POST", "DELETE"},
    "/api/v1/users/1": {"GET"},
    "/api/v1/users/me": {"GET", "PATCH"},
    "/api/v1/users/me/password": {"PUT"},
    "/api/v1/users/online": {"GET"},
    "/api/v1/users/1/logout": {"POST"},
    "/api/v1/session": {"GET", "POST", "DELETE"},
    "/api/v1/tokens": {"GET", "POST"},
    "/api/v1/tokens/1": {"DELETE"},
    "/api/v1/tokens/current": {"DELETE"},
    "/api/v1/tickets": {"POST"},
    "/api/v1/chats": {"GET", "POST"},
    "/api/v1/rooms": {"GET", "POST"},
    "/api/v1/rooms/0": {"GET", "PATCH", "DELETE"},
    "/api/v1/rooms/0/messages": {"GET"},
    "/api/v1/events": {"GET"},
}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"]


@pytest.fixture
def client_of_alice(alice: User) -> APIClient:
    secret, _ = issue_token(alice)
    return APIClient(headers={"Authorization": f"Bearer {secret}"})


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_method_that_a_path_does_not_know_is_405(client_of_alice: APIClient, path: str, slash: str) -> None:
    for method in METHODS:
        if method not in PATHS[path]:
            answer = client_of_alice.generic(method, path + slash, "{}", "application/json")
            assert_problem(answer, 405, "method_not_allowed")
            assert PATHS[path] <= set(answer["Allow"].split(", "))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_no_path_redirects(client_of_alice: APIClient, path: str, slash: str) -> None:
    for method in sorted(PATHS[path]):
        answer = client_of_alice.generic(method, path + slash, "[]", "application/json")
        assert answer.status_code not in {301, 302, 307, 308, 405}
        assert answer.status_code < 500


@pytest.mark.parametrize("path", [path for path, methods in PATHS.items() if "GET" in methods])
def test_head_is_get_without_a_body_and_options_lists_the_methods(client_of_alice: APIClient, path: str) -> None:
    head, got = client_of_alice.head(path), client_of_alice.get(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    options = client_of_alice.options(path)
    assert options.status_code == 200
    assert PATHS[path] <= set(options["Allow"].split(", "))


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/users/",
        "/api/v1/nope",
        "/api/v1/users/1/2",
        "/api/v1/%00",
        "/api/v1/%FF",
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_an_unknown_path_is_404(db: Any, browser_client: Client, path: str, method: str) -> None:
    answer = browser_client.generic(method, path, "{}", "application/json")
    assert_problem(answer, 404, "not_found")


@pytest.mark.parametrize("path", ["/nope", "/users/1/2", "/room/0", "/rooms", "/%00", "/%FF", "/.env", "/healthz/x"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_at_the_root_is_404_too(db: Any, browser_client: Client, path: str, method: str) -> None:
    assert_problem(browser_client.generic(method, path, "{}", "application/json"), 404, "not_found")


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/xml", "application/x-www-form-urlencoded", "x", "multipart/form-data; boundary=x"],
)
@pytest.mark.parametrize("path", ["/api/v1/tokens/", "/api/v1/users/", "/api/v1/chats/"])
def test_a_body_that_is_not_json_is_415(client_of_alice: APIClient, path: str, content_type: str) -> None:
    answer = client_of_alice.generic("POST", path, '{"username":"x"}', content_type)
    assert_problem(answer, 415, "unsupported_media_type")


def test_an_accept_of_what_is_no_json_is_406(client_of_alice: APIClient) -> None:
    for accepted in ("text/html", "application/xml", "nonsense"):
        answer = client_of_alice.get("/api/v1/users/", headers={"Accept": accepted})
        assert_problem(answer, 406, "not_acceptable")
    for accepted in ("*/*", "application/*", "text/html, */*;q=0.1", "application/json"):
        assert client_of_alice.get("/api/v1/users/", headers={"Accept": accepted}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "a b", "a/../b", "[", "", "x" * 300])
def test_a_host_that_is_not_ours_is_400(client_of_alice: APIClient, settings: Any, host: str) -> None:
    settings.ALLOWED_HOSTS = ["chat.example.com"]
    assert client_of_alice.get("/api/v1/users/", headers={"Host": "chat.example.com"}).status_code == 200
    for path in ("/api/v1/users/", "/"):
        assert_problem(client_of_alice.get(path, headers={"Host": host}), 400, "invalid")


def test_too_many_parameters_are_400(client_of_alice: APIClient) -> None:
    query = "&".join(f"a{number}=1" for number in range(1001))
    assert_problem(client_of_alice.get(f"/api/v1/users/?{query}"), 400)


def gone_while_it_answered() -> DatabaseError:
    """What Django raises, now and then, where the server is killed while it answers."""
    error = DatabaseError("server closed the connection unexpectedly")
    error.__cause__ = psycopg2.DatabaseError(str(error))
    return error


@pytest.mark.parametrize("outage", [OperationalError("gone"), InterfaceError("closed"), gone_while_it_answered()])
def test_without_postgresql_it_is_503_with_retry_after(
    client_of_alice: APIClient, monkeypatch: pytest.MonkeyPatch, outage: Exception
) -> None:
    def fail(*_: Any) -> None:
        raise outage

    monkeypatch.setattr("users.views.people.user_for", fail)
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own transaction lives in it
    answer = client_of_alice.get("/api/v1/users/1/")
    assert_problem(answer, 503, "database_unavailable")
    assert int(answer["Retry-After"]) > 0
    assert "gone" not in answer.content.decode()


def test_a_bug_is_a_500_without_details(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr("users.views.people.user_for", fail)
    secret, _ = issue_token(alice)
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {secret}"})
    answer = client.get("/api/v1/users/1/")
    assert_problem(answer, 500, "server_error")
    assert "secret" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()
