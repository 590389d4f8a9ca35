"""The audit has every request of a service key, and nothing that somebody could want to take back."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from chatserver.audit import entries
from chatserver.audit.models import AuditEntry
from chatserver.audit.trimming import trim_audit
from chatserver.http.scopes import SCOPES
from chatserver.tests.harness.answers import assert_problem
from rooms.actions.rooms import create_room
from users.actions.credentials import issue_token
from users.actions.service_keys import find_or_make_service, issue_key
from users.models import ServiceKey, User

AUDIT = "/api/v1/moderation/audit/"
ME = "/api/v1/users/me/"
Call = Callable[..., Any]


@pytest.fixture
def shop(db: Any) -> User:
    return find_or_make_service("shop")


@pytest.fixture
def call(shop: User) -> Call:
    """Send a request by a key with all scopes but some, for a person if one is given."""
    secret, _ = issue_key(shop, "shop", [scope for scope in SCOPES if scope != "rooms:write"])

    def send(method: str, path: str, body: Any = None, *, person: User | None = None) -> Any:
        headers = {"Authorization": f"Bearer {secret}", "X-Request-ID": "its-own"}
        if person is not None:
            headers["Chat-On-Behalf-Of"] = str(person.pk)
        text = "" if body is None else json.dumps(body)
        return Client().generic(method, path, text, "application/json", headers=headers)

    return send


def newest() -> dict[str, Any]:
    return AuditEntry.objects.order_by("-pk").values().first() or {}


def test_a_request_is_in_it_with_who_for_whom_what_and_how_it_ended(call: Call, shop: User, alice: User) -> None:
    room = create_room(alice, [], name="alice's own", kind="closed")
    began = timezone.now()
    sent = call("POST", "/api/v1/chats/", {"room_id": room.pk, "message": "a secret"}, person=alice).json()
    entry = newest()
    assert began <= entry.pop("at") <= timezone.now()
    del entry["id"]
    assert entry == {
        "service_id": shop.pk,
        "key_id": ServiceKey.objects.get().pk,
        "person_id": alice.pk,
        "method": "POST",
        "route": "/api/v1/chats/",
        "targets": {"id": sent["id"], "room_id": room.pk},
        "status": 201,
        "request_id": "its-own",
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "targets"),
    [
        ("GET", ME, 200, {"id"}),
        ("GET", "/api/v1/rooms/0/members/?limit=1", 200, {"room_id"}),
        ("GET", "/api/v1/rooms/999999/members/3/", 404, {"room_id", "user_id"}),
        ("GET", "/api/v1/rooms/alice@example/", 404, set()),
        ("POST", "/api/v1/rooms/", 403, set()),
        ("PUT", "/api/v1/rooms/", 403, set()),
        ("POST", "/api/v1/chats/", 400, set()),
        ("GET", "/rooms/3", 403, {"user_id"}),
    ],
)
def test_reads_and_refusals_are_in_it(call: Call, method: str, path: str, status: int, targets: set[str]) -> None:
    assert call(method, path).status_code == status
    entry = newest()
    assert (entry["method"], entry["status"], set(entry["targets"])) == (method, status, targets)
    assert entry["person_id"] is None
    assert "example" not in str(entry)


def test_whom_nobody_may_act_for_is_in_it(call: Call, shop: User) -> None:
    assert call("GET", ME, person=shop).status_code == 403
    assert (newest()["status"], newest()["person_id"]) == (403, None)


def test_requests_without_a_valid_key_are_not(shop: User, alice: User) -> None:
    for secret in (issue_token(shop)[0], issue_token(alice)[0], "csk_nonsense"):
        Client().get(ME, headers={"Authorization": f"Bearer {secret}"})
    assert not AuditEntry.objects.exists()


def test_it_costs_one_statement_and_others_nothing(
    call: Call, alice: User, django_assert_num_queries: Callable[[int], Any]
) -> None:
    secret, _ = issue_token(alice)
    with django_assert_num_queries(2):
        Client().get(ME, headers={"Authorization": f"Bearer {secret}"})
    with django_assert_num_queries(3):
        call("GET", ME)


def test_what_cannot_be_written_at_once_is_written_with_the_next(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    insert = entries.INSERT
    with transaction.atomic():  # the failed statement ends the transaction of a test
        savepoint = transaction.savepoint()
        monkeypatch.setattr(entries, "INSERT", "SELECT no_such_function(%s,%s,%s,%s,%s,%s,%s,%s,%s)")
        assert call("GET", ME).status_code == 200
        transaction.savepoint_rollback(savepoint)
    assert not AuditEntry.objects.exists()
    monkeypatch.setattr(entries, "INSERT", insert)
    call("GET", "/api/v1/rooms/")
    assert list(AuditEntry.objects.order_by("pk").values_list("route", flat=True)) == [ME, "/api/v1/rooms/"]


def test_an_entry_does_not_change(call: Call) -> None:
    call("GET", ME)
    with pytest.raises(DatabaseError, match="do not change"), transaction.atomic():
        AuditEntry.objects.update(person_id=1)


def test_old_entries_are_deleted(call: Call) -> None:
    call("GET", ME)
    kept = newest()
    with connection.cursor() as cursor:
        columns = "service_id, key_id, person_id, method, route, targets, status, request_id"
        cursor.execute(
            f"INSERT INTO audit_auditentry (at, {columns}) SELECT %s, {columns} FROM audit_auditentry",
            [timezone.now() - timedelta(days=31)],
        )
    assert trim_audit(30) == 1
    assert list(AuditEntry.objects.values()) == [kept]


def test_it_is_read_page_by_page_by_keys_and_by_staff_with_the_permission(
    call: Call, api_of: Callable[[User | None], Any], alice: User
) -> None:
    for _ in range(3):
        call("GET", ME)
    page = call("GET", f"{AUDIT}?limit=2").json()
    assert [entry["route"] for entry in page["results"]] == [ME, ME]
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    alice.user_permissions.add(Permission.objects.get(codename="view_auditentry"))
    rest = api_of(User.objects.get(pk=alice.pk)).get(f"{AUDIT}?after={page['next']}").json()
    assert [entry["route"] for entry in rest["results"]] == [ME, AUDIT]
    assert rest["results"][0].keys() == page["results"][0].keys()


def test_others_do_not_read_it(
    call: Call, api_of: Callable[[User | None], Any], shop: User, alice: User, bob: User
) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    for person in (alice, shop, User.objects.get(pk=bob.pk)):
        assert_problem(api_of(person).get(AUDIT), 403, "forbidden")
    assert_problem(api_of(None).get(AUDIT), 401)
    assert_problem(call("GET", AUDIT, person=alice), 403, "forbidden")


def test_it_is_read_only_in_the_admin(call: Call, admin_client: Client) -> None:
    call("GET", ME)
    entry = newest()
    page = "/admin/audit/auditentry/"
    for query in ("", f"?q={entry['id']}", f"?q=key:{entry['key_id']}", f"?q=service:{entry['service_id']}"):
        assert ME in admin_client.get(f"{page}{query}").text
    assert ME not in admin_client.get(f"{page}?q=person:1").text
    assert admin_client.get(f"{page}{entry['id']}/change/").status_code == 200
    for path in (f"{page}add/", f"{page}{entry['id']}/delete/"):
        assert admin_client.post(path, {"post": "yes"}).status_code == 403
    assert newest() == entry
