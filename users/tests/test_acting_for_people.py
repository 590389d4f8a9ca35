"""`Chat-On-Behalf-Of`: a service key with act_as has exactly the rights of the person whom it acts for."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from chatserver.http.scopes import SCOPES
from chatserver.tests.harness.answers import assert_problem
from rooms.actions.rooms import create_room
from users.actions.credentials import issue_token
from users.actions.people import ban_user, delete_user
from users.actions.service_keys import find_or_make_service, issue_key
from users.models import User

ME = "/api/v1/users/me/"
CHATS = "/api/v1/chats/"


@pytest.fixture
def shop(db: Any) -> User:
    """A service account."""
    return find_or_make_service("shop")


@pytest.fixture
def acting(shop: User) -> Callable[..., Any]:
    """Send a request by a key with all scopes, for this person."""
    secret, _ = issue_key(shop, "shop", SCOPES)

    def send(person: object, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {secret}", "Chat-On-Behalf-Of": str(person)}
        text = "" if body is None else json.dumps(body)
        return Client().generic(method, path, text, "application/json", headers=headers)

    return send


def test_the_request_is_the_persons(alice: User, bob: User, acting: Callable[..., Any]) -> None:
    room = create_room(alice, [], name="alice's own", kind="closed")
    assert acting(alice.pk, "GET", ME).json()["email"] == "alice@example.com"
    sent = acting(alice.pk, "POST", CHATS, {"room_id": room.pk, "message": "hai"})
    assert (sent.status_code, sent.json()["sent_by"]) == (201, alice.pk)
    assert_problem(acting(bob.pk, "POST", CHATS, {"room_id": room.pk, "message": "hai"}), 404, "not_found")
    assert acting(alice.pk, "GET", "/api/v1/session/").json()["user"]["id"] == alice.pk


def test_the_request_has_none_of_the_rights_of_the_key(alice: User, bob: User, acting: Callable[..., Any]) -> None:
    assert_problem(acting(alice.pk, "POST", f"/api/v1/users/{bob.pk}/logout/"), 403, "forbidden")
    assert acting(alice.pk, "GET", f"/api/v1/users/{bob.pk}/").json()["email"] is None


def test_act_as_alone_is_enough(shop: User, alice: User) -> None:
    secret, _ = issue_key(shop, "shop", ["act_as"])
    headers = {"Authorization": f"Bearer {secret}"}
    assert_problem(Client().get(ME, headers=headers), 403, "scope_missing")
    assert Client().get(ME, headers=headers | {"Chat-On-Behalf-Of": str(alice.pk)}).json()["id"] == alice.pk


def test_without_act_as_nothing_is_told_of_anybody(shop: User, alice: User) -> None:
    secret, _ = issue_key(shop, "shop", [scope for scope in SCOPES if scope != "act_as"])
    answers = [
        Client().get(ME, headers={"Authorization": f"Bearer {secret}", "Chat-On-Behalf-Of": person})
        for person in (str(alice.pk), str(shop.pk), "999999999")
    ]
    assert len({assert_problem(answer, 403, "scope_missing")["detail"] for answer in answers}) == 1


@pytest.mark.parametrize("right", ["is_staff", "is_superuser", "is_service"])
def test_no_key_acts_for_the_privileged(alice: User, acting: Callable[..., Any], right: str) -> None:
    User.objects.filter(pk=alice.pk).update(**{right: True})
    assert_problem(acting(alice.pk, "GET", ME), 403, "forbidden")


def test_no_key_acts_for_its_own_account(shop: User, acting: Callable[..., Any]) -> None:
    assert_problem(acting(shop.pk, "GET", ME), 403, "forbidden")


@pytest.mark.parametrize("end", [ban_user, delete_user])
def test_no_key_acts_for_the_banned_and_the_deleted(
    alice: User, acting: Callable[..., Any], end: Callable[[User], None]
) -> None:
    end(alice)
    assert_problem(acting(alice.pk, "GET", ME), 404, "user_not_found")


@pytest.mark.parametrize("nobody", ["999999999", "0", str(2**63 - 1)])
def test_who_is_not_there_is_not_found(acting: Callable[..., Any], nobody: str) -> None:
    assert_problem(acting(nobody, "GET", ME), 404, "user_not_found", "Chat-On-Behalf-Of")


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        " ",
        "abc",
        "1,2",
        "1, 1",
        "+1",
        "-1",
        "1.0",
        "1_0",
        "1e3",
        "0x1",
        "true",
        "null",
        "9" * 19,
        "9" * 4000,
        "\xb2",
    ],
)
def test_what_names_nobody_is_malformed(alice: User, acting: Callable[..., Any], garbage: str) -> None:
    assert_problem(acting(garbage, "GET", ME), 400, "invalid", "Chat-On-Behalf-Of")


def headers_of(alice: User, kind: str) -> dict[str, str]:
    match kind:
        case "token":
            return {"Authorization": f"Bearer {issue_token(alice)[0]}"}
        case "password":
            return {"Authorization": "Basic YWxpY2U6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5"}
    return {}


@pytest.mark.parametrize("kind", ["token", "password", "session", "nothing"])
@pytest.mark.parametrize(("method", "path"), [("GET", ME), ("GET", "/api/v1/session/"), ("POST", "/api/v1/tokens/")])
def test_without_a_key_the_header_is_never_ignored(alice: User, bob: User, kind: str, method: str, path: str) -> None:
    client = Client()
    if kind == "session":
        client.force_login(alice)
    login = json.dumps({"username": "alice", "password": "correct horse battery"})
    headers = headers_of(alice, kind)
    plain = client.generic(method, path, login, "application/json", headers=headers)
    assert plain.status_code == (401 if kind == "nothing" and path == ME else 201 if method == "POST" else 200)
    with_it = client.generic(
        method, path, login, "application/json", headers=headers | {"Chat-On-Behalf-Of": str(bob.pk)}
    )
    assert_problem(with_it, 403, "scope_missing")


def test_a_cookie_beside_a_key_changes_nothing(alice: User, bob: User, acting: Callable[..., Any], shop: User) -> None:
    secret, _ = issue_key(shop, "shop", ["act_as"])
    client = Client()
    client.force_login(alice)
    headers = {"Authorization": f"Bearer {secret}", "Chat-On-Behalf-Of": str(bob.pk)}
    assert client.get(ME, headers=headers).json()["id"] == bob.pk
