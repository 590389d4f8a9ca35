"""GET /api/v1/users/?q="""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from chatserver.tests.harness.answers import assert_problem
from users.actions.people import create_user, delete_user
from users.models import User

Api = Callable[[User | None], APIClient]


@pytest.fixture
def crowd(alice: User) -> list[User]:
    """Seven people with one prefix, and two others."""
    names = ["adam1", "Adam2", "ADAM3", "adam_4", "adam%5", "ad", "äda", "bea", "a"]
    return [create_user(name.replace("%", "+")) for name in names]


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [person["username"] for person in answer.json()["results"]]


def test_it_finds_by_prefix_in_any_case(alice: User, crowd: list[User], api_of: Api) -> None:
    for prefix in ("adam", "ADAM", "aDaM"):
        assert names(api_of(alice).get("/api/v1/users/", {"q": prefix})) == [
            "adam1",
            "Adam2",
            "ADAM3",
            "adam_4",
            "adam+5",
        ]
    assert names(api_of(alice).get("/api/v1/users", {"q": "ÄD"})) == ["äda"]


def test_it_finds_no_middle_and_no_pattern(alice: User, crowd: list[User], api_of: Api) -> None:
    for prefix in ("dam", "a%m", "adam%", "adam\\", "_dam", "adam1x", "' OR 1=1 --"):
        assert names(api_of(alice).get("/api/v1/users/", {"q": prefix})) == []
    assert names(api_of(alice).get("/api/v1/users/", {"q": "adam_"})) == ["adam_4"]


def test_the_deleted_are_not_found(alice: User, crowd: list[User], api_of: Api) -> None:
    delete_user(crowd[0])
    assert "adam1" not in names(api_of(alice).get("/api/v1/users/", {"q": "adam"}))
    assert names(api_of(alice).get("/api/v1/users/", {"q": "deleted"})) == []


def test_addresses_stay_hidden(alice: User, bob: User, api_of: Api) -> None:
    results = api_of(alice).get("/api/v1/users/").json()["results"]
    assert {person["username"]: person["email"] for person in results} == {"alice": "alice@example.com", "bob": None}


def test_it_pages_forth_and_back(alice: User, crowd: list[User], api_of: Api) -> None:
    client = api_of(alice)
    first = client.get("/api/v1/users/", {"q": "adam", "limit": 2})
    assert (names(first), first.json()["previous"]) == (["adam1", "Adam2"], None)
    second = client.get("/api/v1/users/", {"q": "adam", "limit": 2, "after": first.json()["next"]})
    assert names(second) == ["ADAM3", "adam_4"]
    last = client.get("/api/v1/users/", {"q": "adam", "limit": 2, "after": second.json()["next"]})
    assert (names(last), last.json()["next"]) == (["adam+5"], None)
    back = client.get("/api/v1/users/", {"q": "adam", "limit": 2, "before": last.json()["previous"]})
    assert names(back) == ["ADAM3", "adam_4"]
    start = client.get("/api/v1/users/", {"q": "adam", "limit": 2, "before": back.json()["previous"]})
    assert (names(start), start.json()["previous"]) == (["adam1", "Adam2"], None)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("q=%00", "q"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=", "limit"),
        ("limit=%00", "limit"),
        ("after=x", "after"),
        ("after=-1", "after"),
        ("after=" + "9" * 20, "after"),
        ("before=1.0", "before"),
        ("before=1&after=2", "after"),
        ("around=1", "around"),
    ],
)
def test_an_invalid_query_is_refused(alice: User, api_of: Api, query: str, field: str) -> None:
    assert_problem(api_of(alice).get(f"/api/v1/users/?{query}"), 400, "invalid", field=field)


@pytest.mark.parametrize(
    "query", ["q=%ED%A0%80", "q=%FF", "q=%F0%9F%98%80", "q=" + "x" * 5000, "q=a&q=b", "nonsense=1"]
)
def test_an_odd_query_finds_nothing_and_breaks_nothing(alice: User, api_of: Api, query: str) -> None:
    assert api_of(alice).get(f"/api/v1/users/?{query}").status_code == 200


def test_nobody_may_search(alice: User, api_of: Api) -> None:
    assert_problem(api_of(None).get("/api/v1/users/", {"q": "ali"}), 401)


def test_a_page_takes_one_query(alice: User, crowd: list[User], api_of: Api, django_assert_num_queries: Any) -> None:
    client = api_of(alice)
    with django_assert_num_queries(1):
        client.get("/api/v1/users/", {"q": "adam"})
