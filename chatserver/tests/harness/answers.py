"""What every refusal must look like, and what a change must have written into the log."""

import json
from typing import Any

from django.http import HttpResponse

from chatserver.events.models import Kind, Outbox
from chatserver.tests.harness import contract


def assert_problem(answer: HttpResponse, status: int, code: str | None = None, field: str | None = None) -> dict:
    """An RFC 9457 problem with this status and, where given, this code and a complaint about this field."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert set(body) == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert body["status"] == status
    assert body["title"] not in {"", "Error"}
    assert body["request_id"] == answer["X-Request-ID"]
    assert all(set(error) == {"field", "code", "detail"} for error in body["errors"])
    if code is not None:
        assert body["code"] == code
    if field is not None:
        assert field in [error["field"] for error in body["errors"]]
    if status == 401:
        assert answer["WWW-Authenticate"].startswith("Bearer")
    return body


def assert_old_error(answer: HttpResponse, status: int, message: str | None = None) -> None:
    """An error of the old routes: {"message": "…"} and nothing more."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/json"
    body = json.loads(answer.content)
    assert list(body) == ["message"]
    assert body["message"]
    if message is not None:
        assert body["message"] == message


def emitted(event_type: str) -> list[dict[str, Any]]:
    """The bodies of the events of this type that wait to be sequenced, oldest first."""
    rows = Outbox.objects.filter(kind=Kind.EVENT, type=event_type).order_by("id")
    for row in rows:
        contract.check_row(row)
    return [json.loads(row.body) for row in rows]


def revoked(user_id: int) -> list[tuple[str, str | None]]:
    """The revocations of this user's streams in the log: reason and credential (None: all)."""
    rows = Outbox.objects.filter(kind=Kind.REVOKE, topic=f"user:{user_id}").order_by("id")
    return [(row.type, json.loads(row.body)["credential"]) for row in rows]
