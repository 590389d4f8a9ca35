"""Rate limits: what counts, for which caller, and which headers show it."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from rest_framework.test import APIClient

from chats.models import Message
from chatserver.errors import Throttled
from chatserver.http import throttling
from chatserver.http.throttling import Rate, Throttle, WriteThrottle
from chatserver.tests.harness.answers import assert_problem
from users.credentials import login_throttles, passwords
from users.credentials.verified_passwords import VerifiedPasswords
from users.models import User
from users.views import people

LIMIT = 3
LOGIN = {"username": "alice", "password": "correct horse battery"}
WRONG = LOGIN | {"password": "wrong"}


@pytest.fixture
def strict() -> Throttle:
    """Three a day, in Redis, under a name of its own."""
    return Throttle(f"test-{uuid.uuid4().hex}", Rate(LIMIT, 86400), is_shared=True)


@pytest.fixture
def strict_login(strict: Throttle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_throttles, "login_throttle", strict)
    monkeypatch.setattr(passwords, "verified", VerifiedPasswords(10))


def assert_throttled(answer: Any, limit: int = LIMIT) -> None:
    assert_problem(answer, 429, "throttled")
    assert 0 < int(answer["Retry-After"]) <= 86400
    assert answer["Retry-After"] == answer["X-RateLimit-Reset"]
    assert (answer["X-RateLimit-Limit"], answer["X-RateLimit-Remaining"]) == (str(limit), "0")


def test_wrong_logins_run_out_and_the_right_one_with_them(alice: User, strict_login: None, api_of: Any) -> None:
    left = [api_of(None).post("/api/v1/tokens/", WRONG, format="json") for _ in range(LIMIT)]
    assert [(answer.status_code, answer["X-RateLimit-Remaining"]) for answer in left] == [
        (401, "2"),
        (401, "1"),
        (401, "0"),
    ]
    assert_throttled(api_of(None).post("/api/v1/tokens/", LOGIN, format="json"))
    assert alice.tokens.count() == 0


@pytest.mark.parametrize("name", ["ALICE", "ａｌｉｃｅ", "aLiCe"])
def test_another_spelling_of_the_name_is_the_same_name(alice: User, strict_login: None, api_of: Any, name: str) -> None:
    for _ in range(LIMIT):
        api_of(None).post("/api/v1/tokens/", WRONG, format="json")
    assert_throttled(api_of(None).post("/api/v1/tokens/", WRONG | {"username": name}, format="json"))


def test_other_names_and_other_addresses_are_not_hindered(
    alice: User, bob: User, strict_login: None, api_of: Any
) -> None:
    for _ in range(LIMIT + 1):
        answer = api_of(None).post("/api/v1/tokens/", WRONG, format="json")
    assert answer.status_code == 429
    others = LOGIN | {"username": "bob"}
    assert api_of(None).post("/api/v1/tokens/", others, format="json").status_code == 201
    elsewhere = APIClient(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post("/api/v1/tokens/", LOGIN, format="json").status_code == 201


def test_a_forged_address_does_not_help(alice: User, strict_login: None, settings: Any) -> None:
    for number in range(LIMIT):
        APIClient(headers={"X-Forwarded-For": f"192.0.2.{number}"}).post("/api/v1/tokens/", WRONG, format="json")
    assert_throttled(APIClient(headers={"X-Forwarded-For": "192.0.2.9"}).post("/api/v1/tokens/", LOGIN, format="json"))


def test_sessions_and_basic_count_too(alice: User, strict_login: None) -> None:
    client = APIClient()
    for _ in range(LIMIT):
        assert_problem(client.post("/api/v1/session/", WRONG, format="json"), 401)
    assert_throttled(client.post("/api/v1/session/", LOGIN, format="json"))
    client.credentials(HTTP_AUTHORIZATION="Basic YWxpY2U6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5")
    assert_throttled(client.get("/api/v1/users/me/"))


def test_registrations_run_out_except_for_services(
    bob: User, strict: Throttle, monkeypatch: pytest.MonkeyPatch, api_of: Any
) -> None:
    monkeypatch.setattr(people, "registration_throttle", strict)

    def register(viewer: User | None, name: str) -> Any:
        return api_of(viewer).post("/api/v1/users/", {"username": name, "password": "correct horse"}, format="json")

    assert [register(None, f"zoe{number}").status_code for number in range(LIMIT)] == [201] * LIMIT
    assert_throttled(register(None, "zoe9"))
    assert_throttled(register(bob, "zoe9"))
    bob.is_service = True
    assert register(bob, "zoe9").status_code == 201


def test_writes_run_out_but_reads_do_not(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, api_of: Any) -> None:
    monkeypatch.setattr(WriteThrottle, "throttle", Throttle("test", Rate(LIMIT, 86400), is_shared=False))

    def say(viewer: User) -> Any:
        return api_of(viewer).post("/api/v1/chats/", {"room_id": 0, "message": "hai"}, format="json")

    sent = [say(alice) for _ in range(LIMIT)]
    assert [(answer.status_code, answer["X-RateLimit-Remaining"]) for answer in sent] == [
        (201, "2"),
        (201, "1"),
        (201, "0"),
    ]
    assert_throttled(say(alice))
    assert Message.objects.filter(sender=alice).count() == LIMIT
    read = api_of(alice).get("/api/v1/users/me/")
    assert read.status_code == 200
    assert "X-RateLimit-Limit" not in read
    assert say(bob).status_code == 201


def test_without_redis_the_process_counts_for_itself(strict: Throttle, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Callable[[], Any]:
        raise redis.ConnectionError

    monkeypatch.setattr(throttling, "redis_client", away)
    request = HttpRequest()
    for _ in range(LIMIT):
        strict.spend(request, "alice")
    with pytest.raises(Throttled):
        strict.spend(request, "alice")
    strict.spend(request, "bob")


def test_a_new_window_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    throttle = Throttle("test", Rate(1, 60), is_shared=False)
    request = HttpRequest()
    monkeypatch.setattr(throttling.time, "time", lambda: 6_000_000.0 + 45)
    throttle.spend(request, "alice")
    with pytest.raises(Throttled) as refused:
        throttle.spend(request, "alice")
    assert refused.value.retry_after == 15
    monkeypatch.setattr(throttling.time, "time", lambda: 6_000_000.0 + 60)
    throttle.spend(request, "alice")


def test_the_counters_of_a_process_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "MAX_COUNTERS", 10)
    throttle = Throttle("test", Rate(LIMIT, 60), is_shared=False)
    for number in range(100):
        throttle.spend(HttpRequest(), str(number))
    assert len(throttle._counts) <= 10


@pytest.mark.parametrize(
    "text", ["", "20", "20/", "/minute", "0/minute", "-1/minute", "1.5/hour", "20/week", "20 / minute"]
)
def test_an_invalid_rate_names_its_setting(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CHAT_THROTTLE_LOGIN"):
        Rate.parse(text, "CHAT_THROTTLE_LOGIN")
    assert Rate.parse("20/minute", "CHAT_THROTTLE_LOGIN") == Rate(20, 60)


def test_an_address_runs_out_of_names(alice: User, strict_login: None, api_of: Any, monkeypatch: Any) -> None:
    throttle = Throttle(f"test-{uuid.uuid4().hex}", Rate(LIMIT, 86400), is_shared=True)
    monkeypatch.setattr(login_throttles, "address_throttle", throttle)
    for number in range(LIMIT):
        answer = api_of(None).post("/api/v1/tokens/", WRONG | {"username": f"nobody-{number}"}, format="json")
        assert answer.status_code == 401
    assert_throttled(api_of(None).post("/api/v1/tokens/", LOGIN, format="json"))
    elsewhere = APIClient(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post("/api/v1/tokens/", LOGIN, format="json").status_code == 201


def test_strangers_use_up_a_name_for_strangers_only(
    alice: User, strict_login: None, strict: Throttle, monkeypatch: pytest.MonkeyPatch, api_of: Any
) -> None:
    monkeypatch.setattr(login_throttles, "login_throttle", Throttle("test", Rate(1000, 86400), is_shared=False))

    def log_in_from(address: str, body: dict[str, str]) -> Any:
        return api_of(None).post("/api/v1/tokens/", body, format="json", REMOTE_ADDR=address)

    home = f"2001:db8:{uuid.uuid4().hex[:4]}:1::1"
    assert log_in_from(home, LOGIN).status_code == 201
    monkeypatch.setattr(login_throttles, "name_throttle", strict)
    monkeypatch.setattr(passwords, "verified", VerifiedPasswords(10))
    for number in range(LIMIT):
        assert log_in_from(f"192.0.2.{number}", WRONG).status_code == 401
    assert log_in_from("192.0.2.77", WRONG).status_code == 429
    assert log_in_from(f"{home}234", LOGIN).status_code == 201
