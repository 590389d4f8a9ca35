"""Every operation of the schema says which scope a service key needs, and refuses every other key."""

import re
from typing import Any

import pytest
from django.test import Client

from chatserver.http.scopes import ANY_KEY, NO_KEY, SCOPES, grants
from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.test_schema_operations import OPERATIONS, Operation, each_operation
from users.key_actions import issue_key, service_named
from users.models import User

# It is no view of Django: see chats/tests/test_streams_by_keys.py.
STREAM = "GET /api/v1/stream"
SECURED = {name: one for name, one in OPERATIONS.items() if one.get("security") and name != STREAM}


@pytest.fixture
def shop(db: Any) -> User:
    return service_named("shop")


@each_operation
def test_an_operation_declares_the_scope_of_a_key(name: str, operation: Operation) -> None:
    assert operation["x-scope"] in {*SCOPES, NO_KEY, ANY_KEY}
    if operation["x-scope"].endswith(":read"):
        assert name.startswith("GET ")
    if operation["x-scope"].endswith(":write"):
        assert not name.startswith("GET ")


def codes_for(name: str, shop: User, scopes: list[str]) -> str | None:
    method, _, path = name.partition(" ")
    headers = {"Authorization": f"Bearer {issue_key(shop, 'shop', scopes)[0]}"}
    answer = Client().generic(method, re.sub(r"{\w+}", "999999", path), "{}", "application/json", headers=headers)
    return answer.json().get("code") if answer.status_code >= 400 else None


@pytest.mark.parametrize("name", SECURED)
def test_a_key_without_the_scope_is_refused_and_with_it_is_not(name: str, shop: User) -> None:
    scope = SECURED[name]["x-scope"]
    others = [other for other in SCOPES if scope == NO_KEY or not grants([other], scope)]
    if scope != ANY_KEY:
        assert codes_for(name, shop, others) == "scope_missing"
    if scope != NO_KEY:
        assert codes_for(name, shop, [scope if scope in SCOPES else "act_as"]) != "scope_missing"


@pytest.mark.parametrize("name", SECURED)
def test_a_key_that_is_none_is_not_authenticated(name: str, db: Any) -> None:
    method, _, path = name.partition(" ")
    headers = {"Authorization": "Bearer csk_nonsense"}
    answer = Client().generic(method, re.sub(r"{\w+}", "999999", path), "{}", "application/json", headers=headers)
    assert_problem(answer, 401, "invalid_token")


def test_a_view_that_declares_nothing_takes_no_key(shop: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from rooms.views.rooms import RoomViewSet

    monkeypatch.delattr(RoomViewSet, "key_scope")
    assert codes_for("GET /api/v1/rooms/", shop, list(SCOPES)) == "scope_missing"
