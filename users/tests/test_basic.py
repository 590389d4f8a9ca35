"""Authorization: Basic"""

import base64
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from chatserver.tests.harness.answers import assert_problem
from users.actions.people import ban_user, change_password, create_user, delete_user
from users.credentials import passwords
from users.credentials.verified_passwords import MAX_VERIFIED_PASSWORDS, VerifiedPasswords
from users.models import User

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def nothing_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "verified", VerifiedPasswords(MAX_VERIFIED_PASSWORDS))


def me(pair: str | bytes) -> Any:
    text = pair.encode() if isinstance(pair, str) else pair
    header = "Basic " + base64.b64encode(text).decode()
    return Client().get("/api/v1/users/me/", headers={"Authorization": header})


def test_a_name_and_a_password_open(alice: User) -> None:
    for name in ("alice", "ALICE"):
        assert me(f"{name}:{PASSWORD}").json()["id"] == alice.pk


def test_a_password_of_any_script_and_with_colons_opens(db: Any) -> None:
    user = create_user("zoë", password="pässwörd:with:用户")
    assert me("zoë:pässwörd:with:用户").json()["id"] == user.pk


def test_writes_need_no_csrf_token(alice: User, browser_client: Client) -> None:
    header = "Basic " + base64.b64encode(f"alice:{PASSWORD}".encode()).decode()
    body = {"room_id": 0, "message": "hai"}
    answer = browser_client.post("/api/v1/chats/", body, "application/json", headers={"Authorization": header})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "pair", ["alice:wrong", "alice:", ":", "bob:" + PASSWORD, "", "alice", "al\0ice:x", "alice:\0", b"\xff\xfe:\xff"]
)
def test_a_wrong_pair_does_not(alice: User, pair: str | bytes) -> None:
    assert_problem(me(pair), 401)


@pytest.mark.parametrize("ending", [ban_user, delete_user, lambda user: change_password(user, "x9-y8-z7-w6")])
def test_a_password_that_was_right_is_forgotten_at_once(alice: User, ending: Any) -> None:
    for _ in range(2):  # the second time from memory
        assert me(f"alice:{PASSWORD}").status_code == 200
    ending(alice)
    assert_problem(me(f"alice:{PASSWORD}"), 401, "invalid_credentials")


def test_the_slow_hash_is_checked_once(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    real = passwords.check_password
    monkeypatch.setattr(passwords, "check_password", lambda *given: checked.append(given[0]) or real(*given))
    for _ in range(3):
        assert me(f"alice:{PASSWORD}").status_code == 200
    assert len(checked) == 1
    assert me("alice:wrong").status_code == 401
    assert me("alice:wrong").status_code == 401
    assert len(checked) == 3


def test_an_unknown_name_takes_as_long_as_a_known_one(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    real = passwords.make_password
    monkeypatch.setattr(passwords, "make_password", lambda text: hashed.append(text) or real(text))
    me("nobody:guess")
    assert hashed == ["guess"]


def test_the_memory_of_passwords_has_a_size(alice: User) -> None:
    memory = VerifiedPasswords(2)
    for password in ("one", "two", "three"):
        memory.remember(alice, password)
    assert [memory.knows(alice, password) for password in ("one", "two", "three")] == [False, True, True]


def test_passwords_are_checked_by_half_the_threads_at_most(alice: User) -> None:
    taken = []
    while passwords._hashing_places.acquire(blocking=False):
        taken.append(1)
    try:
        answer = Client().post(
            "/api/v1/tokens/", {"username": "alice", "password": "whatever it is"}, content_type="application/json"
        )
        assert answer.status_code == 503
        assert answer.json()["code"] == "overloaded"
        assert int(answer["Retry-After"]) > 0
    finally:
        for _ in taken:
            passwords._hashing_places.release()
    assert len(taken) == max(1, settings.CHAT_THREADS // 2)
