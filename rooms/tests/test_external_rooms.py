"""PUT and GET /api/v1/rooms/external/<external_id>/: by service keys with the scope, and whose rooms others see."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.test import Client

from chatserver.http.body_limits import BodyLimits
from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.harness.processes import manage
from chatserver.tests.harness.service import Service
from rooms.models import Membership, Room
from users.actions.credentials import issue_token
from users.actions.service_keys import find_or_make_service, issue_key
from users.models import ExternalIdentity, User

URL = "/api/v1/rooms/external/order-551/"
STATE = {"name": "Order 551", "kind": "closed"}


@pytest.fixture
def shop(db: Any) -> User:
    return find_or_make_service("shop")


@pytest.fixture
def key(shop: User) -> Any:
    """Calls with a key of the shop that may write rooms."""
    return caller_with(issue_key(shop, "shop", ["rooms:write", "act_as"])[0])


def caller_with(secret: str) -> Any:
    def call(method: str, url: str = URL, body: Any = None, **headers: str) -> Any:
        headers |= {"Authorization": f"Bearer {secret}"}
        extra = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(Client(), method)(url, headers=headers, **extra)

    return call


def members_of(external_id: str = "order-551") -> list[int]:
    found = Membership.objects.filter(room__external_id=external_id).order_by("user_id")
    return list(found.values_list("user_id", flat=True))


def test_it_is_made_and_brought_to_the_state_and_seen_by_its_members(
    key: Any, api_of: Any, alice: User, bob: User, charlie: User
) -> None:
    ExternalIdentity.objects.create(user=bob, issuer=django_settings.CHAT_JWT_KEYS.issuer, subject="customer/7: zoë")
    made = key("put", body=STATE | {"members": [alice.pk, "external:customer/7: zoë"]})
    assert made.status_code == 201
    shown = made.json()
    assert (shown["external_id"], shown["name"], shown["members_count"]) == ("order-551", "Order 551", 2)
    assert (shown["role"], shown["last_message"]) == (None, None)
    assert members_of() == [alice.pk, bob.pk]
    same = key("put", body=STATE | {"members": [bob.pk, alice.pk], "exact": True})
    assert (same.status_code, same.json()) == (200, shown)
    changed = key("put", body={"name": "Order 551", "members": [charlie.pk], "exact": True})
    assert (changed.status_code, changed.json()["kind"], members_of()) == (200, "closed", [charlie.pk])
    assert key("get").json() == changed.json()
    assert api_of(charlie).get(URL).json()["role"] == "member"
    assert api_of(charlie).get("/api/v1/rooms/").json()["results"][0]["external_id"] == "order-551"
    assert_problem(api_of(alice).get(URL), 404, "not_found")


def test_without_members_nobody_is_added_or_removed(key: Any, alice: User) -> None:
    key("put", body=STATE | {"members": [alice.pk]})
    assert key("put", body={"name": "Order 551, sent"}).json()["name"] == "Order 551, sent"
    assert members_of() == [alice.pk]


def test_only_a_key_with_the_scope_that_speaks_for_itself_may(
    key: Any, api_of: Any, shop: User, alice: User, bob: User
) -> None:
    body = STATE | {"members": [alice.pk]}
    for scopes in (["rooms:read"], ["users:write"]):
        assert_problem(caller_with(issue_key(shop, "narrow", scopes)[0])("put", body=body), 403, "scope_missing")
    assert_problem(key("put", body=body, **{"Chat-On-Behalf-Of": str(alice.pk)}), 403, "scope_missing")
    alice.is_staff = True
    alice.save()
    for person in (alice, shop):
        assert_problem(caller_with(issue_token(person)[0])("put", body=body), 403, "scope_missing")
    assert_problem(api_of(None).put(URL, body, "json"), 401)
    assert not Room.objects.filter(external_id="order-551").exists()
    key("put", body=body)
    # Who acts for a person sees that person's rooms.
    headers = {"Chat-On-Behalf-Of": str(bob.pk)}
    assert_problem(key("get", **headers), 404, "not_found")
    assert caller_with(issue_key(shop, "reads", ["rooms:read"])[0])("get").status_code == 200
    assert_problem(caller_with(issue_key(shop, "narrow", ["users:read"])[0])("get"), 403, "scope_missing")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"name": "\u3164"}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"kind": "direct"}, "kind"),
        ({"members": "external:a"}, "members"),
        ({"members": [1] * 201}, "members"),
        ({"members": [[]]}, "members"),
        ({"members": ["customer-7"]}, "members"),
        ({"members": ["external:"]}, "members"),
        ({"members": ["external:a\0"]}, "members"),
        ({"members": [True]}, "members"),
        ({"members": [0]}, "members"),
        ({"members": [1.5]}, "members"),
        ({"exact": 1, "members": []}, "exact"),
        ({"exact": "true", "members": []}, "exact"),
        ({"exact": True}, "members"),
    ],
)
def test_a_body_that_is_not_valid_makes_nothing(key: Any, change: dict[str, Any], field: str) -> None:
    answer = key("put", body=STATE | change)
    problem = assert_problem(answer, 400, "invalid")
    assert {error["field"].split(".")[0] for error in problem["errors"]} == {field}
    assert not Room.objects.filter(external_id="order-551").exists()


def test_members_who_are_not_there_are_not_found(key: Any) -> None:
    for member in (10**9, "external:nobody"):
        assert_problem(key("put", body=STATE | {"members": [member]}), 404, "user_not_found")
    assert not Room.objects.filter(external_id="order-551").exists()


@pytest.mark.parametrize(
    "external_id",
    ["a/b", "a//b", "a%2Fb", "messages", "x/members", "external", "Zoë 1", "日本", "a?b#c", "7", "..a", "x" * 255],
)
def test_an_external_id_is_what_the_path_has_when_it_is_decoded(key: Any, external_id: str) -> None:
    for number, end in enumerate(("/", "")):
        answer = key("put", f"/api/v1/rooms/external/{quote(external_id, safe='')}{end}", STATE)
        assert (answer.status_code, answer.json()["external_id"]) == (201 - number, external_id)


@pytest.mark.parametrize("path", ["x" * 256, "%00", "a%20/", "%20a/", "%E2%80%AEa/", "a%2F/"])
def test_an_external_id_that_nobody_can_read_is_refused(key: Any, path: str) -> None:
    for method, body in (("put", STATE), ("get", None)):
        assert_problem(key(method, f"/api/v1/rooms/external/{path}", body), 400, "invalid", "external_id")


def test_puts_at_once_make_one_room_over_real_http(granian: Service) -> None:
    people = granian.people(4)
    command = ("create_service_key", "--name", "parallel", "--scope", "rooms:write")
    secret = manage(granian.env, *command).split()[-1]
    headers = {"Authorization": f"Bearer {secret}"}
    url = f"/api/v1/rooms/external/{quote('order/551 zoë', safe='')}/"

    def put(number: int) -> int:
        body = STATE | {"members": [people[number % 4].id]}
        return people[number % 4].put(url, json=body, headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(put, range(16)))
    assert statuses == [200] * 15 + [201]
    rooms = granian.sql("SELECT id, members_count FROM rooms_room WHERE external_id = 'order/551 zoë'")
    assert [count for _, count in rooms] == [4]
    made = "SELECT type, count(*) FROM (SELECT type, room_id FROM events_event UNION ALL SELECT type, room_id "
    made += "FROM events_outbox) told WHERE room_id = %s AND type IN ('room.created', 'member.added') GROUP BY type"
    assert dict(granian.sql(made, rooms[0][0])) == {"room.created": 1, "member.added": 3}


def test_a_body_may_be_as_large_as_its_longest_members() -> None:
    members = [f"external:{'🙂' * 255}"] * 200
    body = json.dumps({"name": "🙂" * 100, "description": "🙂" * 500, "members": members, "exact": True})
    assert BodyLimits().of("PUT", "/api/v1/rooms/external/order-551/") >= len(body)
