"""Every event that a test sees is one that the catalogue names, with exactly the fields of its schema.

What breaks this is noted, and fails the test that runs (see `events_keep_the_contract` in conftest.py): much is seen in
threads and by servers' answers, where an assertion would go unheard.
"""

import json
import re
from functools import cache, lru_cache
from typing import Any

import jsonschema_rs
from drf_spectacular.generators import SchemaGenerator

from chatserver.events import catalogue, log
from chatserver.events.models import Kind, Outbox
from chatserver.events.openapi import component_of

# What the tests of the log write, see their conftest.py.
TEST_PREFIX = "test."
API_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
# A frame of the answer to GET /api/v1/stream, by field.
Frame = dict[str, Any]

violations: list[str] = []


@cache
def components() -> dict[str, Any]:
    """The schemas of OpenAPI, without room for fields that they do not name."""
    return _closed(SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"])


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items()}
    return closed | {"additionalProperties": False} if isinstance(node.get("properties"), dict) else closed


@cache
def _validator(component: str) -> Any:
    schema = {"$ref": f"#/components/schemas/{component}", "components": {"schemas": components()}}
    formats = {"date-time": lambda text: API_TIME.fullmatch(text) is not None}
    return jsonschema_rs.validator_for(schema, validate_formats=True, formats=formats)


def check(component: str, told: Any) -> None:
    """Note where this is not of a component's schema."""
    error = next(_validator(component).iter_errors(told), None)
    if error is not None:
        violations.append(f"no {component}: {error.message} at {error.instance_path}, in {told}")


def check_event(event: dict[str, Any]) -> None:
    """Note where an event, in its envelope, is not of its type's schema."""
    event_type = catalogue.TYPES.get(event.get("type", ""))
    if event_type is None:
        violations.append(f"the catalogue has no such type: {event}")
    elif not event_type.name.startswith(TEST_PREFIX):
        check(component_of(event_type), event)


def check_page(page: dict[str, Any]) -> None:
    """The same for each event in an answer of GET /api/v1/events/."""
    for event in page["results"]:
        check_event(event)


def check_frame(frame: Frame) -> None:
    """Note where a frame of the stream is none that OpenAPI describes, or its data is not what the name says."""
    check("StreamFrame", frame)
    if "data" in frame:
        check_told(frame.get("event", ""), frame["data"])


@lru_cache(4096)  # many streams get the same
def check_told(name: str, text: str) -> None:
    """Note where the data that a stream sent under a name is not of that name's schema."""
    data = json.loads(text)
    if name in catalogue.CONTROL:
        check(catalogue.CONTROL[name].data_name, data)
    elif data.get("type") != name:
        violations.append(f"an event {name} says that it is of another type: {data}")
    else:
        check_event(data)


def check_emission(topic: str, name: str, data: Any, room_id: int | None, thread: Any = None) -> None:
    """Note where what is written into the log, or sent as ephemeral, is not of its type's schema and topics."""
    event_type = catalogue.TYPES.get(name)
    if event_type is None or name.startswith(TEST_PREFIX):
        return  # emit() itself refuses the first
    patterns = [re.sub("<.*?>", r"\\d+", pattern) for pattern in event_type.topics]
    if not any(re.fullmatch(pattern, topic) for pattern in patterns):
        violations.append(f"{name} was sent on {topic}, and not on {event_type.topics}")
    told = event_type.example_event | {"room_id": room_id, "data": json.loads(log.encode(data))}
    if thread is not None:
        told["thread"] = thread
    check(component_of(event_type), told)


def check_row(row: Outbox) -> None:
    """The same for a row of the outbox."""
    if row.kind == Kind.EVENT:
        thread = None if row.thread is None else json.loads(row.thread)
        check_emission(row.topic, row.type, json.loads(row.body), row.room_id, thread)
