"""Events in the OpenAPI schema, made from the catalogue: a schema for each type, and the stream.

The schemas allow fields that they do not name, since new ones may come with any version. Only the tests forbid them.
"""

from functools import partial
from typing import Any

from drf_spectacular.plumbing import ResolvedComponent, build_mocked_view
from drf_spectacular.utils import extend_schema

from chatserver.events import catalogue, openapi_stream
from chatserver.events.catalogue import EventType
from chatserver.events.serializers import EventSerializer

UNKNOWN = "More fields and more types may come; clients ignore those that they do not know."

Schema = dict[str, Any]


def describe_events(result: Schema, generator: Any, **_: Any) -> Schema:
    """Postprocessing hook: adds the event types and the stream. It comes before the one that names enums."""
    registry = generator.registry
    view = build_mocked_view("get", "/", extend_schema(), registry)
    resolve = partial(view.schema.resolve_serializer, direction="response")
    types = catalogue.sorted_types()
    event = resolve(EventSerializer)
    envelope = event.schema["properties"]
    event.schema = _union([each for each in types if each.is_stored])
    made = {component_of(each): _event_schema(each, envelope, resolve(each.data).ref) for each in types}
    made["EphemeralEvent"] = _union([each for each in types if not each.is_stored])
    made |= openapi_stream.frames({each.name: resolve(each.data).ref for each in catalogue.CONTROL.values()})
    for name, schema in made.items():
        registry.register(ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, object=name))
    ticket = openapi_stream.TICKET_SCHEME
    registry.register(ResolvedComponent("ticket", ResolvedComponent.SECURITY_SCHEMA, ticket, object="ticket"))
    result["paths"][openapi_stream.PATH] = {"get": openapi_stream.operation()}
    result["components"] = registry.build({})
    return result


def component_of(event_type: EventType) -> str:
    """message.created -> MessageCreatedEvent."""
    return "".join(word.capitalize() for word in event_type.name.replace("_", ".").split(".")) + "Event"


def _event_schema(event_type: EventType, envelope: Schema, data: Schema) -> Schema:
    properties = envelope | {
        "type": {"type": "string", "const": event_type.name},
        "room_id": {"type": "integer" if event_type.has_room else "null"},
        "data": data,
    }
    if not event_type.is_stored:
        del properties["position"]
    return {
        "type": "object",
        "description": f"{event_type.summary} Heard by {event_type.heard_by}.",
        "properties": properties | event_type.beside,
        "required": list(properties),
        "examples": [event_type.example_event],
    }


def _union(types: list[EventType]) -> Schema:
    """One of these; `type` says which."""
    refs = {each.name: f"#/components/schemas/{component_of(each)}" for each in types}
    return {
        "description": UNKNOWN,
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "discriminator": {"propertyName": "type", "mapping": refs},
    }
