"""The endpoints of service accounts over HTTP: what is accepted, and who is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.harness.receiver import Receiver, answers
from chatserver.tests.harness.webhooks import Work
from chatserver.webhooks.models import MAX_ENDPOINTS, Endpoint
from chatserver.webhooks.signatures import secret_of
from conftest import CheckedClient
from users.actions import issue_token
from users.key_actions import issue_key, service_named
from users.models import User

WEBHOOKS = "/api/v1/webhooks/"
PUBLIC = "https://shop.example/hook"
Call = Callable[..., Any]


def caller_with(secret: str, **headers: str) -> Call:
    client = CheckedClient()

    def call(method: str, path: str = "", body: Any = None) -> Any:
        data = "" if body is None else json.dumps(body)
        return client.generic(
            method,
            WEBHOOKS + path,
            data,
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}", **headers},
        )

    return call


@pytest.fixture
def key_of(shop: User) -> Callable[..., str]:
    """A key of the shop, or of another service account, with these scopes."""

    def make(*scopes: str, account: str = "") -> str:
        return issue_key(service_named(account) if account else shop, "a key", list(scopes))[0]

    return make


@pytest.fixture
def call(key_of: Callable[..., str]) -> Call:
    """Requests by a key with webhooks:write."""
    return caller_with(key_of("webhooks:write"))


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


REFUSED_URLS: list[Any] = [
    "",
    "shop.example",
    "ftp://shop.example/",
    "http://shop.example/",
    "https://",
    "https:///path",
    "https://user@shop.example/",
    "https://:pw@shop.example/",
    "https://shop.example/#part",
    "https://shop.example/#",
    "https://shop.example:0/",
    "https://shop.example:99999/",
    "https://shop.example:x/",
    "https://shop .example/",
    "https://shop.example/\\@10.0.0.1",
    "https://shop.example/\r\nX: y",
    "https://ｓhop.example/",
    "https://[::1",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://chat.internal/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://10.0.0.1:8443/",
    "https://169.254.169.254/latest/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fe80::1%25eth0]/",
    f"https://shop.example/{'x' * 2048}",
    7,
    None,
    ["https://shop.example/"],
]


def test_urls_that_no_endpoint_may_have(call: Call, settings: Any) -> None:
    settings.CHAT_OUTBOUND_PRIVATE = False
    endpoint = call("POST", "", {"url": PUBLIC}).json()["id"]
    for url in REFUSED_URLS:
        for method, path in (("POST", ""), ("PATCH", f"{endpoint}/")):
            answer = call(method, path, {"url": url})
            assert answer.status_code == 400, url
            assert answer.json()["errors"][0]["field"] == "url", url
    assert Endpoint.objects.get().url == PUBLIC


def test_urls_that_one_may_have(call: Call, settings: Any) -> None:
    settings.CHAT_OUTBOUND_PRIVATE = False
    for url in (PUBLIC, "https://shop.example", "https://1.1.1.1:8443/x?y=z%20", "https://[2606:4700::1111]/"):
        assert call("POST", "", {"url": url}).json()["url"] == url


def test_private_addresses_are_for_development(call: Call) -> None:
    assert call("POST", "", {"url": "http://127.0.0.1:9000/hook"}).status_code == 201


REFUSED_BODIES: list[dict[str, Any]] = [
    {"types": []},
    {"types": ["nonsense"]},
    {"types": ["message"]},
    {"types": ["message.*", "message.createt"]},
    {"types": ["typing.started"]},
    {"types": ["MESSAGE.*"]},
    {"types": [".*"]},
    {"types": ["mess*"]},
    {"types": ["**"]},
    {"types": ["*"] * 51},
    {"types": "message.*"},
    {"types": None},
    {"types": [7]},
    {"rooms": []},
    {"rooms": [-1]},
    {"rooms": ["x"]},
    {"rooms": [1.5]},
    {"rooms": [True]},
    {"rooms": [2**63]},
    {"rooms": list(range(201))},
    {"enabled": "true"},
    {"enabled": 1},
    {"enabled": None},
    {"ordered": "no"},
]


def test_bodies_that_are_refused(call: Call) -> None:
    for body in REFUSED_BODIES:
        answer = call("POST", "", {"url": PUBLIC} | body)
        assert answer.status_code == 400, body
        assert answer.json()["errors"][0]["field"].partition(".")[0] == next(iter(body))
    assert not Endpoint.objects.exists()


def test_a_service_account_has_so_many_endpoints(call: Call, key_of: Callable[..., str]) -> None:
    ids = [call("POST", "", {"url": PUBLIC}).json()["id"] for _ in range(MAX_ENDPOINTS)]
    assert_problem(call("POST", "", {"url": PUBLIC}), 409, "too_many_webhooks")
    assert call("DELETE", f"{ids[0]}/").status_code == 204
    assert call("POST", "", {"url": PUBLIC}).status_code == 201
    assert caller_with(key_of("webhooks:write", account="other"))("POST", "", {"url": PUBLIC}).status_code == 201


def test_a_delivery_of_another_endpoint_is_not_found(call: Call, work: Work, receiver: Receiver) -> None:
    endpoint, other = (call("POST", "", {"url": url}).json()["id"] for url in (receiver.url, PUBLIC))
    delivery = call("POST", f"{endpoint}/test/").json()["id"]
    assert_problem(call("GET", f"{other}/deliveries/{delivery}/"), 404)
    assert_problem(call("POST", f"{other}/deliveries/{delivery}/replay/"), 404)


def test_a_token_of_the_account_is_no_key(shop: User) -> None:
    assert_problem(caller_with(issue_token(shop)[0])("GET"), 403, "scope_missing")


def test_a_test_is_delivered_and_told(call: Call, work: Work, receiver: Receiver) -> None:
    receiver.behave(answers(200, b"thanks"))
    endpoint = call("POST", "", {"url": receiver.url, "types": ["room.*"], "rooms": [4]}).json()["id"]
    asked = call("POST", f"{endpoint}/test/")
    assert (asked.status_code, asked.json()["state"]) == (201, "waiting")
    work.settle()
    told = call("GET", f"{endpoint}/deliveries/{asked.json()['id']}/").json()
    assert (told["state"], told["status"], told["answer"], told["position"]) == ("delivered", 200, "thanks", None)
    (received,) = receiver.received
    assert received.headers["webhook-id"] == told["webhook_id"]
    assert received.event["type"] == "webhook.test"
    assert received.event["data"] == {"endpoint_id": endpoint}


def test_deliveries_page_and_are_selected_by_state(
    call: Call, work: Work, receiver: Receiver, happen: Callable[..., int]
) -> None:
    receiver.behave(lambda handler, received: handler.answer(410 if received.event["room_id"] == 9 else 204))
    endpoint = call("POST", "", {"url": receiver.url, "types": ["test.*"]}).json()["id"]
    happen(*range(5))
    work.settle()
    happen(5, room=9)
    work.settle()
    path = f"{endpoint}/deliveries/"
    everything = call("GET", path).json()
    ids = [each["id"] for each in everything["results"]]
    assert ids == sorted(ids)
    assert len(ids) == 6
    newest = call("GET", f"{path}?limit=2").json()
    assert [each["id"] for each in newest["results"]] == ids[-2:]
    before = call("GET", f"{path}?limit=2&before={newest['previous']}").json()
    assert [each["id"] for each in before["results"]] == ids[2:4]
    after = call("GET", f"{path}?after={ids[3]}").json()
    assert [each["id"] for each in after["results"]] == ids[4:]
    failed = call("GET", f"{path}?state=failed").json()["results"]
    assert [(each["id"], each["status"]) for each in failed] == [(ids[-1], 410)]
    assert_problem(call("GET", f"{path}?state=lost"), 400)
    assert_problem(call("POST", f"{path}{ids[0]}/replay/"), 409, "webhook_disabled")
    assert_problem(call("POST", f"{endpoint}/test/"), 409, "webhook_disabled")
    assert call("GET", f"{endpoint}/").json()["disabled_reason"] == "The receiver answered 410 Gone."


def test_a_rotated_secret_is_shown_once(call: Call) -> None:
    made = call("POST", "", {"url": PUBLIC}).json()
    rotated = call("POST", f"{made['id']}/rotate-secret/").json()
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    assert "secret" not in call("GET", f"{made['id']}/").json()
    assert b"whsec_" not in call("GET").content


def test_lists_cost_as_many_queries_however_long_they_are(
    call: Call, work: Work, receiver: Receiver, happen: Callable[..., int]
) -> None:
    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert call("GET", path).status_code == 200
        return len(queries)

    endpoint = call("POST", "", {"url": receiver.url, "types": ["test.*"]}).json()["id"]
    first = count(""), count(f"{endpoint}/deliveries/")
    for _ in range(3):
        call("POST", "", {"url": PUBLIC})
    happen(1, 2, 3)
    work.settle()
    assert (count(""), count(f"{endpoint}/deliveries/")) == first
