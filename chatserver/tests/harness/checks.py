"""What requests and events are held against in all tests, whatever they test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rest_framework.test import APIClient

from chatserver.events import log
from chatserver.tests.harness import contract
from chatserver.tests.harness.refusals import check_refusal


class CheckedClient(APIClient):
    """Holds refusals against OpenAPI, and the events of GET /api/v1/events/ against the catalogue."""

    def generic(self, method: str, path: str, *arguments: Any, **extra: Any) -> Any:
        answer = super().generic(method, path, *arguments, **extra)
        check_refusal(method, path.partition("?")[0], answer.status_code, answer.content)
        return answer

    def get(self, path: str, *arguments: Any, **extra: Any) -> Any:
        answer = super().get(path, *arguments, **extra)
        if path.partition("?")[0].rstrip("/") == "/api/v1/events" and answer.status_code == 200:
            contract.check_page(answer.json())
        return answer


@contextmanager
def checked_emissions() -> Iterator[None]:
    """While it lasts, what actions emit in this process is held against the catalogue: see contract.violations."""
    contract.components()  # once, while no test has registered a type of its own
    emit, emit_each, emit_ephemeral = log.emit, log.emit_each, log.emit_ephemeral

    def checked_emit(topic: str, event_type: str, data: Any, **about: Any) -> None:
        emit(topic, event_type, data, **about)
        contract.check_emission(topic, event_type, data, about.get("room_id"), about.get("thread"))

    def checked_emit_each(event_type: str, told: list[tuple[str, Any]], **about: Any) -> None:
        emit_each(event_type, told, **about)
        room_id = about.get("room_id")
        rooms = room_id if isinstance(room_id, list) else [room_id] * len(told)
        for room, (topic, data) in zip(rooms, told, strict=True):
            contract.check_emission(topic, event_type, data, room)

    def checked_emit_ephemeral(topics: list[str], event_type: str, data: Any, **about: Any) -> None:
        emit_ephemeral(topics, event_type, data, **about)
        for topic in topics:
            contract.check_emission(topic, event_type, data, about.get("room_id"))

    log.emit, log.emit_each, log.emit_ephemeral = checked_emit, checked_emit_each, checked_emit_ephemeral
    try:
        yield
    finally:
        log.emit, log.emit_each, log.emit_ephemeral = emit, emit_each, emit_ephemeral
