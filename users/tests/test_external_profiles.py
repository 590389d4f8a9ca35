"""People by the ids of a host product: put one by one and in batches, and spoken for."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from django.test import Client

from chatserver.http.scopes import SCOPES
from chatserver.tests.harness.answers import assert_problem, emitted
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.service_keys import key_of, service_account
from users.actions.credentials import issue_token
from users.actions.people import ban_user, delete_user
from users.actions.service_keys import find_or_make_service, issue_key
from users.models import ExternalIdentity, User, host_issuer

ME = "/api/v1/users/me/"
BATCH = "/api/v1/users/batch/"
DANA = {"display_name": "Dana", "avatar_url": "https://example.com/d.png", "email": "dana@example.com"}
Call = Callable[..., Any]


@pytest.fixture
def shop(db: Any) -> User:
    return find_or_make_service("shop")


@pytest.fixture
def call(shop: User) -> Call:
    """Send a request by a key with all scopes."""
    secret, _ = issue_key(shop, "shop", SCOPES)

    def send(method: str, path: str, body: Any = None, **headers: str) -> Any:
        headers["Authorization"] = f"Bearer {secret}"
        text = "" if body is None else json.dumps(body)
        return Client().generic(method, path, text, "application/json", headers=headers)

    return send


def path_of(external_id: str) -> str:
    return f"/api/v1/users/external/{quote(external_id, safe='')}/"


def test_a_person_is_made_once_and_changed_where_something_differs(call: Call) -> None:
    made = call("PUT", path_of("customer-1042"), DANA)
    assert made.status_code == 201
    user = made.json()
    assert {name: user[name] for name in DANA} == DANA
    assert (user["external_id"], user["username"]) == ("customer-1042", "customer-1042")
    for body in (DANA, {}, {"display_name": "Dana"}):
        again = call("PUT", path_of("customer-1042"), body)
        assert (again.status_code, again.json()) == (200, user)
    assert len(emitted("user.updated")) == 0
    changed = call("PUT", path_of("customer-1042"), {"display_name": "Dana D.", "email": None})
    assert (changed.status_code, changed.json()) == (200, user | {"display_name": "Dana D.", "email": ""})
    assert [body["display_name"] for body in emitted("user.updated")] == ["Dana D."]
    assert call("GET", path_of("customer-1042")).json() == changed.json()


@pytest.mark.parametrize(
    "external_id", ["a/b", "50%off", "Zoë", "東京", "a b", "a?b#c", "user@example.com", "x" * 255, "🙂", "7"]
)
def test_an_external_id_is_what_it_is(call: Call, external_id: str) -> None:
    made = call("PUT", path_of(external_id), {})
    assert (made.status_code, made.json()["external_id"]) == (201, external_id)
    assert ExternalIdentity.objects.get().subject == external_id
    acting = call("GET", ME, **{"Chat-On-Behalf-Of": f"external:{quote(external_id, safe='')}"})
    assert acting.json() == made.json()


@pytest.mark.parametrize("external_id", ["x" * 256, " a", "a\u200b", "\x7f", "\u202e"])
def test_what_is_no_external_id_is_malformed(call: Call, external_id: str) -> None:
    assert_problem(call("PUT", path_of(external_id), {}), 400, "invalid", "external_id")
    assert_problem(call("GET", path_of(external_id)), 400, "invalid", "external_id")
    named = f"external:{quote(external_id, safe='')}"
    assert_problem(call("GET", ME, **{"Chat-On-Behalf-Of": named}), 400, "invalid", "Chat-On-Behalf-Of")
    assert not ExternalIdentity.objects.exists()


@pytest.mark.parametrize(
    "named", ["external:", "external:%ff", "external:a,external:a", "External:a", "external", "internal:a"]
)
def test_a_header_that_names_nobody_is_malformed(call: Call, named: str) -> None:
    assert_problem(call("GET", ME, **{"Chat-On-Behalf-Of": named}), 400, "invalid", "Chat-On-Behalf-Of")


def test_who_is_not_there_is_not_found(call: Call, alice: User) -> None:
    """Also by an id of another issuer, and by a username."""
    ExternalIdentity.objects.create(user=alice, issuer="https://other.example", subject="a")
    for external_id in ("a", "alice", str(alice.pk)):
        assert_problem(call("GET", path_of(external_id)), 404, "user_not_found")
        acting = call("GET", ME, **{"Chat-On-Behalf-Of": f"external:{external_id}"})
        assert_problem(acting, 404, "user_not_found")


def test_the_external_id_is_for_services_and_oneself(call: Call, shop: User, alice: User, api_of: Any) -> None:
    dana = call("PUT", path_of("d"), DANA).json()
    person = User.objects.get(pk=dana["id"])
    page = f"/api/v1/users/?after={alice.pk}"
    assert [user["external_id"] for user in api_of(shop).get(page).json()["results"]] == ["d"]
    assert [user["external_id"] for user in api_of(alice).get(page).json()["results"]] == [None]
    assert [user["external_id"] for user in api_of(person).get(page).json()["results"]] == ["d"]
    assert api_of(alice).get(f"/api/v1/users/{person.pk}/").json()["external_id"] is None
    assert api_of(person).get("/api/v1/session/").json()["user"]["external_id"] == "d"


def test_the_privileged_the_banned_and_the_deleted_are_not_changed(call: Call) -> None:
    ids = ("staff", "banned", "deleted")
    people = {name: User.objects.get(pk=call("PUT", path_of(f"x-{name}"), DANA).json()["id"]) for name in ids}
    User.objects.filter(pk=people["staff"].pk).update(is_staff=True)
    ban_user(people["banned"])
    delete_user(people["deleted"])
    before = list(User.objects.order_by("pk").values("display_name", "email", "username"))
    other = {"email": "other@example.com"}
    assert_problem(call("PUT", path_of("x-staff"), other), 403, "forbidden")
    assert_problem(call("PUT", path_of("x-banned"), other), 403, "forbidden")
    assert call("PUT", path_of("x-banned"), {}).status_code == 200
    assert_problem(call("PUT", path_of("x-deleted"), {}), 409, "conflict")
    assert_problem(call("GET", path_of("x-deleted")), 404, "user_not_found")
    batch = [{"external_id": f"x-{name}", **other} for name in ids]
    results = call("POST", BATCH, {"users": batch}).json()["results"]
    assert [(one["status"], one["code"], one["user"]) for one in results] == [
        (403, "forbidden", None),
        (403, "forbidden", None),
        (409, "conflict", None),
    ]
    assert list(User.objects.order_by("pk").values("display_name", "email", "username")) == before


def test_a_batch_answers_each_in_its_place(call: Call) -> None:
    call("PUT", path_of("a"), DANA)
    users = [
        {"external_id": "b", "display_name": "Bo"},
        {"external_id": "a", "display_name": "Al"},
        {"display_name": "nobody"},
        {"external_id": "b", "display_name": "again"},
        {"external_id": "c", "email": "nonsense"},
        "text",
        None,
        {"external_id": "d"},
    ]
    results = call("POST", BATCH, {"users": users}).json()["results"]
    assert [one["status"] for one in results] == [201, 200, 400, 400, 400, 400, 400, 201]
    assert [one["user"] and one["user"]["display_name"] for one in results[:2]] == ["Bo", "Al"]
    assert [one["errors"][0]["field"] for one in results[2:5]] == ["external_id", "external_id", "email"]
    assert set(ExternalIdentity.objects.values_list("subject", flat=True)) == {"a", "b", "d"}
    assert call("POST", BATCH, {"users": users[:1]}).json()["results"][0]["status"] == 200


def test_a_batch_takes_as_many_statements_for_a_hundred_as_for_two(
    call: Call, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    def batch(count: int, name: str) -> list[dict[str, str]]:
        return [{"external_id": f"c-{number}", "display_name": name} for number in range(count)]

    for count in (2, 100):
        for name in ("first", "second", "second"):
            with django_assert_max_num_queries(22):
                answer = call("POST", BATCH, {"users": batch(count, name)})
            assert {one["status"] for one in answer.json()["results"]} <= {200, 201}
    assert User.objects.filter(display_name="second").count() == 100
    assert len(emitted("user.updated")) == 2 + 2 + 100


@pytest.mark.parametrize("body", [{}, {"users": None}, {"users": {}}, {"users": [{}] * 1001}, [], None])
def test_what_is_no_batch_is_malformed(call: Call, body: Any) -> None:
    assert_problem(call("POST", BATCH, body), 400)


def test_an_empty_batch_does_nothing(call: Call) -> None:
    assert call("POST", BATCH, {"users": []}).json() == {"results": []}


def test_a_thousand_people_fit_into_a_batch(call: Call) -> None:
    users = [DANA | {"external_id": f"customer-{number}", "display_name": "🙂" * 20} for number in range(1000)]
    answer = call("POST", BATCH, {"users": users})
    assert [one["status"] for one in answer.json()["results"]] == [201] * 1000


def test_batches_at_the_same_time_make_each_person_once(granian: Service) -> None:
    shop = service_account(*granian.people())
    headers = {"Authorization": f"Bearer {key_of(shop, 'users:write')}"}
    ids = [f"at-once-{shop.id}-{number}" for number in range(40)]

    def put(step: int) -> list[tuple[int, int]]:
        users = [{"external_id": external_id, "display_name": f"of {step}"} for external_id in ids[::step]]
        answer = httpx.post(f"{granian.url}{BATCH}", json={"users": users}, headers=headers, timeout=30)
        return [(one["status"], one["user"]["id"]) for one in answer.json()["results"]]

    with ThreadPoolExecutor(4) as pool:
        found = [one for results in pool.map(put, (1, -1, 1, -1)) for one in results]
    assert len({user_id for _, user_id in found}) == len(ids)
    assert [status for status, _ in found].count(201) == len(ids)


def test_a_token_for_a_person_is_theirs(call: Call, alice: User) -> None:
    made = call("POST", f"/api/v1/users/{alice.pk}/tokens/")
    assert (made.status_code, made.json()["user"]["id"]) == (201, alice.pk)
    headers = {"Authorization": f"Bearer {made.json()['token']}"}
    assert Client().get(ME, headers=headers).json()["id"] == alice.pk
    assert call("POST", f"/api/v1/users/{alice.pk}/logout/").status_code == 204
    assert_problem(Client().get(ME, headers=headers), 401, "invalid_token")


def test_nobody_gets_a_token_for_the_privileged_or_by_another_credential(
    call: Call, shop: User, alice: User, bob: User
) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert_problem(call("POST", f"/api/v1/users/{alice.pk}/tokens/"), 403, "forbidden")
    assert_problem(call("POST", f"/api/v1/users/{shop.pk}/tokens/"), 403, "forbidden")
    ban_user(bob)
    for nobody in (bob.pk, 999999999):
        assert_problem(call("POST", f"/api/v1/users/{nobody}/tokens/"), 404, "user_not_found")
    for person in (shop, alice):
        headers = {"Authorization": f"Bearer {issue_token(person)[0]}"}
        for method, path in (("POST", f"/api/v1/users/{shop.pk}/tokens/"), ("POST", BATCH), ("PUT", path_of("x"))):
            answer = Client().generic(method, path, "{}", "application/json", headers=headers)
            assert_problem(answer, 403, "scope_missing")


def test_the_ids_are_those_of_the_jwts(call: Call) -> None:
    call("PUT", path_of("customer-1042"), DANA)
    assert ExternalIdentity.objects.get().issuer == host_issuer()
