"""Every operation of the schema says which scope a service key needs. What other keys get: see test_outsiders.py."""

from typing import Any

import pytest
from django.core.management import load_command_class
from django.test import Client

from chatserver.http.scopes import ACT_AS, ANY_KEY, NO_KEY, RESERVED_SCOPES, SCOPES
from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.test_schema_operations import OPERATIONS, Operation, each_operation
from rooms.views.rooms import RoomViewSet
from users.actions.service_keys import find_or_make_service, issue_key


@each_operation
def test_an_operation_declares_the_scope_of_a_key(name: str, operation: Operation) -> None:
    assert operation["x-scope"] in {*SCOPES, NO_KEY, ANY_KEY}
    if operation["x-scope"].endswith(":read"):
        assert name.startswith("GET ")
    if operation["x-scope"].endswith(":write"):
        assert not name.startswith("GET ")


def test_the_scopes_that_open_nothing_are_said_to_be_reserved(admin_client: Client) -> None:
    needed = {operation["x-scope"] for operation in OPERATIONS.values()}
    assert set(SCOPES) - needed - {ACT_AS} == set(RESERVED_SCOPES)
    page = admin_client.get("/admin/users/servicekey/add/").text
    assert [scope for scope in SCOPES if f"{scope}, which is reserved" in page] == list(RESERVED_SCOPES)
    command = load_command_class("chatserver", "create_service_key").create_parser("manage.py", "create_service_key")
    assert f"of their own yet: {', '.join(RESERVED_SCOPES)}" in " ".join(command.format_help().split())


def test_a_view_that_declares_nothing_takes_no_key(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(RoomViewSet, "key_scope")
    secret, _ = issue_key(find_or_make_service("shop"), "shop", SCOPES)
    answer = Client().get("/api/v1/rooms/", headers={"Authorization": f"Bearer {secret}"})
    assert_problem(answer, 403, "scope_missing")
