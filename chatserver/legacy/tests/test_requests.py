"""What the old routes share with the API: real servers' odd requests, bugs, hosts, ids, limits."""

import uuid
from typing import Any

import httpx
import pytest
from django.test import Client
from rest_framework.test import APIClient

from chatserver.config.rates import Rate
from chatserver.http.throttling import RequestThrottle, Throttle
from chatserver.legacy import people
from chatserver.tests.harness.answers import assert_old_error, assert_problem
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.sse import Stream
from users.actions.credentials import issue_token
from users.credentials import login_throttles, passwords
from users.credentials.verified_passwords import VerifiedPasswords
from users.models import User

LOGIN = {"username": "alice", "password": "correct horse battery"}


def test_get_with_a_json_body_is_read(granian: Service) -> None:
    answer = httpx.request("GET", f"{granian.url}/login", json={"username": "Adam", "password": "wrong"})
    assert (answer.status_code, answer.json()) == (401, {"message": "Invalid username or password"})


def test_in_production_nobody_signs_in_without_a_password(granian: Service) -> None:
    """Adam of the demo has none."""
    for name in ("Adam", "Somebody-new"):
        answer = httpx.post(f"{granian.url}/login", json={"username": name})
        assert (answer.status_code, answer.json()) == (401, {"message": "Invalid username or password"})
    assert granian.sql("SELECT 1 FROM users_user WHERE username = 'Somebody-new'") == []


@pytest.mark.parametrize(
    "headers", [{"Cookie": "sessionid=\xff\xfe"}, {"Authorization": "Bearer \xff"}, {"Content-Type": "x; charset=hex"}]
)
@pytest.mark.parametrize("path", ["/me", "/stream", "/room/%ED%A0%80/messages"])
def test_a_broken_request_is_no_500(granian: Service, path: str, headers: dict[str, str]) -> None:
    answer = httpx.get(granian.url + path, headers={name: value.encode("latin-1") for name, value in headers.items()})
    assert answer.status_code in {200, 400, 401, 404}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_the_stream_is_only_for_get(granian: Service, method: str) -> None:
    (alice,) = granian.people()
    assert alice.request(method, "/stream").status_code == 405


def test_nobody_gets_no_stream(granian: Service) -> None:
    for headers in ({}, {"Authorization": "Bearer ct_nonsense"}, {"Cookie": "sessionid=nonsensenonsensenonsense"}):
        stream = Stream(f"{granian.url}/stream", headers)
        assert (stream.status, stream.headers["WWW-Authenticate"][:6]) == (401, "Bearer")


def test_a_bug_is_a_500_without_details(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr(people, "online_ids", fail)
    secret, _ = issue_token(alice)
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {secret}"})
    answer = client.get("/users")
    assert_problem(answer, 500, "server_error")
    assert "secret" not in answer.content.decode()


def test_a_host_that_is_not_ours_is_400(db: Any, client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["chat.example.com"]
    assert_problem(client.get("/me", headers={"Host": "evil.example"}), 400, "invalid")


@pytest.mark.parametrize("path", ["/me", "/logout"])
def test_a_sane_request_id_comes_back(db: Any, client: Client, path: str) -> None:
    assert client.get(path, headers={"X-Request-ID": "req-1"})["X-Request-ID"] == "req-1"


def test_attempts_to_log_in_run_out(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_throttles, "login_throttle", Throttle(f"test-{uuid.uuid4().hex}", Rate(2, 86400)))
    monkeypatch.setattr(passwords, "verified", VerifiedPasswords(10))
    client = APIClient()
    for _ in range(2):
        assert_old_error(client.post("/login", LOGIN | {"password": "wrong"}, format="json"), 401)
    refused = client.post("/login", LOGIN, format="json")
    assert_old_error(refused, 429)
    assert int(refused["Retry-After"]) > 0


def test_writes_run_out(alice: User, api_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RequestThrottle, "writes", Throttle(f"test-{uuid.uuid4().hex}", Rate(1, 86400)))
    statuses = [api_of(alice).post("/room/0/messages", {"message": "hai"}, format="json").status_code for _ in range(2)]
    assert statuses == [201, 429]
