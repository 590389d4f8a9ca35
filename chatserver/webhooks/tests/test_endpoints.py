"""The endpoints of service accounts over HTTP: they are made, shown, changed and deleted, by keys that may."""

from collections.abc import Callable

from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.harness.webhook_calls import PUBLIC, Call, caller_with
from chatserver.webhooks.models import MAX_ENDPOINTS, Endpoint
from chatserver.webhooks.signatures import secret_of
from users.actions.credentials import issue_token
from users.models import User


def test_an_endpoint_is_made_shown_changed_and_deleted(call: Call) -> None:
    made = call("POST", "", {"url": PUBLIC, "types": ["message.*"], "rooms": [3, 0]})
    assert made.status_code == 201
    shown = made.json()
    endpoint = Endpoint.objects.get()
    assert shown.pop("secret") == secret_of(endpoint.secret_salt)
    assert shown == {
        "id": endpoint.pk,
        "url": PUBLIC,
        "types": ["message.*"],
        "rooms": [3, 0],
        "enabled": True,
        "ordered": True,
        "disabled_at": None,
        "disabled_reason": None,
        "created_at": shown["created_at"],
    }
    path = f"{endpoint.pk}/"
    assert call("GET").json() == {"results": [shown], "next": None, "previous": None}
    assert call("GET", path).json() == shown
    changed = call("PATCH", path, {"types": ["*"], "rooms": None, "enabled": False, "ordered": False}).json()
    assert changed == shown | {
        "types": ["*"],
        "rooms": None,
        "enabled": False,
        "ordered": False,
        "disabled_at": changed["disabled_at"],
        "disabled_reason": "Its owner disabled it.",
    }
    again = call("PATCH", path, {"enabled": True}).json()
    assert (again["enabled"], again["disabled_at"], again["disabled_reason"]) == (True, None, None)
    assert call("DELETE", path).status_code == 204
    assert_problem(call("GET", path), 404, "not_found")
    assert call("GET").json()["results"] == []


def test_without_types_an_endpoint_gets_all(call: Call) -> None:
    assert call("POST", "", {"url": PUBLIC}).json()["types"] == ["*"]


def test_a_service_account_has_so_many_endpoints(call: Call, key_of: Callable[..., str]) -> None:
    ids = [call("POST", "", {"url": PUBLIC}).json()["id"] for _ in range(MAX_ENDPOINTS)]
    assert_problem(call("POST", "", {"url": PUBLIC}), 409, "too_many_webhooks")
    assert call("DELETE", f"{ids[0]}/").status_code == 204
    assert call("POST", "", {"url": PUBLIC}).status_code == 201
    assert caller_with(key_of("webhooks:write", account="other"))("POST", "", {"url": PUBLIC}).status_code == 201


def test_a_token_of_the_account_is_no_key(shop: User) -> None:
    assert_problem(caller_with(issue_token(shop)[0])("GET"), 403, "scope_missing")


def test_a_rotated_secret_is_shown_once(call: Call) -> None:
    made = call("POST", "", {"url": PUBLIC}).json()
    rotated = call("POST", f"{made['id']}/rotate-secret/").json()
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    assert "secret" not in call("GET", f"{made['id']}/").json()
    assert b"whsec_" not in call("GET").content
