"""The catalogue of event types: which events exist, what their data is, and who hears them.

Each app registers its own in its events.py, which its AppConfig imports. OpenAPI, GET /api/v1/schema/events/, the table
in the docs, the types of the JavaScript client and the checks of the tests are made from it.
"""

from dataclasses import dataclass, field
from typing import Any

from rest_framework.serializers import BaseSerializer

EXAMPLE_ROOM_ID = 3
EXAMPLE_POSITION = 812
EXAMPLE_AT = "2026-11-22T13:33:24Z"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What all entries have. `data` is the serializer whose schema the data has, `example` such data.

    `since` is the first version of ChatServer that has it.
    """

    name: str
    summary: str
    data: type[BaseSerializer[Any]]
    example: dict[str, Any]
    since: str

    @property
    def data_name(self) -> str:
        """The name of the data's schema."""
        return self.data.__name__.removesuffix("Serializer")


@dataclass(frozen=True, kw_only=True)
class EventType(Entry):
    """A type of events.

    `topics` are patterns such as "room:<room_id>"; `heard_by` says the same in words. An event that is not stored
    (typing, presence) has no position and is never replayed. Where it `has_room`, the envelope's `room_id` is that
    room's, else null. `beside` are further fields of the envelope that it may have, as JSON Schemas.
    """

    topics: tuple[str, ...]
    heard_by: str
    is_stored: bool = True
    has_room: bool = True
    beside: dict[str, Any] = field(default_factory=dict)

    @property
    def example_event(self) -> dict[str, Any]:
        """The whole event, as the stream's `data:` shows it."""
        envelope = {
            "type": self.name,
            "room_id": EXAMPLE_ROOM_ID if self.has_room else None,
            "actor_id": 1 if self.is_stored else None,
            "at": EXAMPLE_AT,
            "data": self.example,
        }
        return {"position": EXAMPLE_POSITION, **envelope} if self.is_stored else envelope


@dataclass(frozen=True, kw_only=True)
class ControlEvent(Entry):
    """What a stream says about itself. Its `data:` is not wrapped in an event's envelope.

    With `has_id` it moves the client's last event id; with `has_retry` it says when to reconnect.
    """

    has_id: bool
    has_retry: bool


TYPES: dict[str, EventType] = {}
CONTROL: dict[str, ControlEvent] = {}


def register(*types: EventType) -> None:
    """Add types of events. ValueError where a name is taken."""
    for event_type in types:
        if event_type.name in TYPES:
            raise ValueError(f"the event type {event_type.name} is registered twice")
        TYPES[event_type.name] = event_type


def register_control(*events: ControlEvent) -> None:
    """Add what streams say about themselves. ValueError where a name is taken."""
    for event in events:
        if event.name in CONTROL:
            raise ValueError(f"the control event {event.name} is registered twice")
        CONTROL[event.name] = event


def sorted_types() -> list[EventType]:
    """All types, by name."""
    return sorted(TYPES.values(), key=lambda event_type: event_type.name)


def require(name: str, *, is_stored: bool) -> None:
    """LookupError unless a type of this name is registered as stored, or as not stored."""
    found = TYPES.get(name)
    if found is None or found.is_stored != is_stored:
        kind = "stored" if is_stored else "ephemeral"
        raise LookupError(f"{name} is no {kind} event type; each app registers its own in its events.py")
