"""Rate limits: what counts, for which caller, and which headers show it."""

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from chats.models import Message
from chatserver.config.rates import Rate
from chatserver.http.throttling import RequestThrottle, Throttle
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
    """Three a day, under a name of its own."""
    return Throttle(f"test-{uuid.uuid4().hex}", Rate(LIMIT, 86400))


@pytest.fixture
def strict_login(strict: Throttle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_throttles, "login_throttle", strict)
    monkeypatch.setattr(passwords, "verified", VerifiedPasswords(10))


@pytest.fixture
def elsewhere() -> APIClient:
    """From an address of its own: Redis keeps those from which other tests' alices have signed in."""
    return APIClient(REMOTE_ADDR=f"2001:db8:{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}::1")


def assert_throttled(answer: Any, limit: int = LIMIT) -> None:
    assert_problem(answer, 429, "throttled")
    assert 0 < int(answer["Retry-After"]) <= 86400
    assert int(answer["Retry-After"]) <= int(answer["X-RateLimit-Reset"]) <= 86400
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


def test_a_password_that_is_remembered_is_not_guessed_without_limit(
    alice: User, strict_login: None, api_of: Any, elsewhere: APIClient
) -> None:
    assert api_of(None).post("/api/v1/tokens/", LOGIN, format="json").status_code == 201
    for _ in range(LIMIT):
        assert elsewhere.post("/api/v1/tokens/", WRONG, format="json").status_code == 401
    assert_throttled(elsewhere.post("/api/v1/tokens/", LOGIN, format="json"))
    elsewhere.credentials(HTTP_AUTHORIZATION="Basic YWxpY2U6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5")
    assert_throttled(elsewhere.get("/api/v1/users/me/"))
    # Who has signed in from there is not locked out by that.
    assert api_of(None).post("/api/v1/tokens/", LOGIN, format="json").status_code == 201


@pytest.mark.parametrize("name", ["ALICE", "ａｌｉｃｅ", "aLiCe"])
def test_another_spelling_of_the_name_is_the_same_name(alice: User, strict_login: None, api_of: Any, name: str) -> None:
    for _ in range(LIMIT):
        api_of(None).post("/api/v1/tokens/", WRONG, format="json")
    assert_throttled(api_of(None).post("/api/v1/tokens/", WRONG | {"username": name}, format="json"))


def test_other_names_and_other_addresses_are_not_hindered(
    alice: User, bob: User, strict_login: None, api_of: Any, elsewhere: APIClient
) -> None:
    for _ in range(LIMIT + 1):
        answer = api_of(None).post("/api/v1/tokens/", WRONG, format="json")
    assert answer.status_code == 429
    others = LOGIN | {"username": "bob"}
    assert api_of(None).post("/api/v1/tokens/", others, format="json").status_code == 201
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


def test_writes_run_out_but_reads_do_not(
    alice: User, bob: User, strict: Throttle, monkeypatch: pytest.MonkeyPatch, api_of: Any
) -> None:
    monkeypatch.setattr(RequestThrottle, "writes", strict)

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


def test_reads_run_out_but_writes_do_not(
    alice: User, strict: Throttle, monkeypatch: pytest.MonkeyPatch, api_of: Any
) -> None:
    monkeypatch.setattr(RequestThrottle, "reads", strict)
    reads = [api_of(alice).get("/api/v1/rooms/") for _ in range(LIMIT)]
    assert [(answer.status_code, answer["X-RateLimit-Remaining"]) for answer in reads] == [
        (200, "2"),
        (200, "1"),
        (200, "0"),
    ]
    assert_throttled(api_of(alice).get("/api/v1/users/me/"))
    assert api_of(alice).post("/api/v1/chats/", {"room_id": 0, "message": "hai"}, format="json").status_code == 201


def test_changes_of_a_profile_run_out(
    alice: User, strict: Throttle, monkeypatch: pytest.MonkeyPatch, api_of: Any
) -> None:
    monkeypatch.setattr(people, "profile_throttle", strict)

    def rename(number: int) -> Any:
        return api_of(alice).patch("/api/v1/users/me/", {"display_name": f"Alice {number}"}, format="json")

    assert [rename(number).status_code for number in range(LIMIT)] == [200] * LIMIT
    assert_throttled(rename(9))
    assert User.objects.get(pk=alice.pk).display_name == f"Alice {LIMIT - 1}"
    assert api_of(alice).get("/api/v1/users/me/").status_code == 200


def test_an_address_runs_out_of_names(
    alice: User, strict_login: None, api_of: Any, elsewhere: APIClient, monkeypatch: Any
) -> None:
    throttle = Throttle(f"test-{uuid.uuid4().hex}", Rate(LIMIT, 86400))
    monkeypatch.setattr(login_throttles, "address_throttle", throttle)
    for number in range(LIMIT):
        answer = api_of(None).post("/api/v1/tokens/", WRONG | {"username": f"nobody-{number}"}, format="json")
        assert answer.status_code == 401
    assert_throttled(api_of(None).post("/api/v1/tokens/", LOGIN, format="json"))
    assert elsewhere.post("/api/v1/tokens/", LOGIN, format="json").status_code == 201


def test_strangers_use_up_a_name_for_strangers_only(
    alice: User, strict_login: None, strict: Throttle, monkeypatch: pytest.MonkeyPatch, api_of: Any
) -> None:
    monkeypatch.setattr(login_throttles, "login_throttle", Throttle("test", None))

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
