"""What a person gets of the claims of a JWT: a name, a picture, an address; no rights, and no account of others."""

import time
from typing import Any

import pytest

from chatserver.tests.harness.answers import emitted
from chatserver.tests.harness.jwts import By, mint
from users.models import User

ME = "/api/v1/users/me/"

pytestmark = pytest.mark.usefixtures("known_keys")


def test_the_claims_of_a_newer_token_are_written_and_announced_once(by: By) -> None:
    now = int(time.time())
    by(mint(iat=now - 9, name="Zoë", email="zoe@example.com")).get(ME)
    for _ in range(2):
        shown = by(mint(iat=now - 5, name="Zoë Z.", email="zoe@example.com")).get(ME).json()
    assert shown["display_name"] == "Zoë Z."
    assert [body["display_name"] for body in emitted("user.updated")] == ["Zoë Z."]
    by(mint(iat=now - 4, name="Zoë Z.")).get(ME)
    assert by(mint(iat=now - 4)).get(ME).json()["display_name"] == "Zoë Z."
    assert len(emitted("user.updated")) == 1


def test_the_claims_of_an_older_token_are_not(by: By) -> None:
    now = int(time.time())
    by(mint(iat=now - 5, name="new")).get(ME)
    # It says the same, so nothing is written but that it is newer.
    by(mint(iat=now - 3, name="new")).get(ME)
    for token in (mint(iat=now - 4, name="old"), mint(iat=None, name="of no time"), mint(iat=now - 9, name="older")):
        assert by(token).get(ME).json()["display_name"] == "new"
    assert emitted("user.updated") == []
    assert by(mint(iat=now - 3, name="newer")).get(ME).json()["display_name"] == "newer"


def test_tokens_without_a_time_change_a_profile_that_no_dated_one_gave(by: By) -> None:
    for name in ("first", "second"):
        assert by(mint(iat=None, name=name)).get(ME).json()["display_name"] == name


@pytest.mark.parametrize(
    "claims",
    [
        {"name": "x" * 81},
        {"name": "a\0b"},
        {"name": "a\u202eb"},
        {"name": "\ud800"},
        {"name": 7},
        {"name": ["Zoë"]},
        {"picture": "javascript:alert(1)"},
        {"picture": "ftp://example.com/z.png"},
        {"picture": "https://example.com/" + "x" * 500},
        {"picture": {"url": "https://example.com/"}},
        {"email": "nobody"},
        {"email": True},
    ],
)
def test_a_claim_that_is_not_valid_is_left_out(by: By, claims: dict[str, Any]) -> None:
    shown = by(mint(**claims)).get(ME)
    assert shown.status_code == 200
    assert (shown.json()["display_name"], shown.json()["avatar_url"], shown.json()["email"]) == ("", "", "")


def test_an_empty_claim_clears_and_null_leaves(by: By) -> None:
    by(mint(name="Zoë", picture="https://example.com/z.png")).get(ME)
    shown = by(mint(name="", picture=None)).get(ME).json()
    assert (shown["display_name"], shown["avatar_url"]) == ("", "https://example.com/z.png")


@pytest.mark.parametrize(
    "claims", [{"is_staff": True}, {"is_superuser": True}, {"is_service": True}, {"groups": ["a"]}]
)
def test_no_claim_gives_rights(by: By, claims: dict[str, Any]) -> None:
    by(mint(username="admin", id=1, **claims)).get(ME)
    user = User.objects.get()
    assert (user.username, user.is_privileged) == ("zoe", False)


def test_nobody_is_linked_by_name_or_address(by: By, alice: User) -> None:
    shown = by(mint("alice", email=alice.email, name=alice.username)).get(ME).json()
    assert shown["id"] != alice.pk
    assert shown["username"] == f"user-{shown['id']}"
