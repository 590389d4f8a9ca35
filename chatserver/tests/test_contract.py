"""What no test may see: events that the catalogue does not describe. The harness notes them."""

from collections.abc import Iterator
from typing import Any

import pytest

from chatserver.events import catalogue
from chatserver.tests.harness import contract

CREATED = catalogue.TYPES["message.created"]
TYPING = catalogue.TYPES["typing.started"]


@pytest.fixture
def noted() -> Iterator[list[str]]:
    """What is noted; it is wanted here, so it fails no test."""
    yield contract.violations
    contract.violations.clear()


@pytest.mark.parametrize("name", sorted(catalogue.TYPES))
def test_the_examples_are_good(name: str) -> None:
    event_type = catalogue.TYPES[name]
    contract.check_event(event_type.example_event)
    room_id = catalogue.EXAMPLE_ROOM_ID if event_type.has_room else None
    contract.check_emission(
        event_type.topics[0].replace("<room_id>", "3").replace("<user_id>", "1"), name, event_type.example, room_id
    )
    assert contract.violations == []


@pytest.mark.parametrize(
    "event",
    [
        CREATED.example_event | {"type": "message.invented"},
        CREATED.example_event | {"more": 1},
        CREATED.example_event | {"data": CREATED.example | {"more": 1}},
        CREATED.example_event | {"data": CREATED.example | {"seq": None}},
        CREATED.example_event | {"at": "2026-11-22T13:33:24.5Z"},
        CREATED.example_event | {"room_id": None},
        TYPING.example_event | {"position": 812},
    ],
)
def test_another_shape_is_noted(noted: list[str], event: dict[str, Any]) -> None:
    contract.check_event(event)
    assert len(noted) == 1


def test_a_topic_that_is_not_the_types_is_noted(noted: list[str]) -> None:
    contract.check_emission("user:3", CREATED.name, CREATED.example, 3)
    assert "sent on user:3" in noted[0]


@pytest.mark.parametrize(
    "frame",
    [
        {"event": "typing.started", "id": "812", "data": contract.log.encode(TYPING.example_event)},
        {"event": "message.deleted", "id": "812", "data": contract.log.encode(CREATED.example_event)},
        {"event": "message.created", "data": contract.log.encode(CREATED.example_event)},
        {"event": "bye", "data": '{"reason":"shutdown"}'},
        {"event": "bye", "retry": 4000, "data": '{"reason":"tired"}'},
        {"retry": 4000},
        {},
    ],
)
def test_a_frame_that_openapi_does_not_describe_is_noted(noted: list[str], frame: contract.Frame) -> None:
    contract.check_told.cache_clear()
    contract.check_frame(frame)
    assert noted
