"""The catalogue as JSON: a JSON Schema (2020-12) for each event, made from the same components as OpenAPI."""

import re
from functools import cache
from typing import Any

import msgspec
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

from chatserver.events import catalogue
from chatserver.events.log import encode
from chatserver.events.openapi import component_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DEFS = "#/$defs/"


@cache
def event_schemas() -> dict[str, Any]:
    """{"$schema", "types": {name: {…, "schema": {"$ref"}}}, "control": {…}, "$defs": {name: JSON Schema}}.

    Made once per process: it takes about half a second.
    """
    types = {
        each.name: {
            "summary": each.summary,
            "topics": list(each.topics),
            "heard_by": each.heard_by,
            "since": each.since,
            "is_stored": each.is_stored,
            "example": each.example_event,
            "schema": {"$ref": DEFS + component_of(each)},
        }
        for each in catalogue.sorted_types()
    }
    control = {
        each.name: {
            "summary": each.summary,
            "since": each.since,
            "example": each.example,
            "schema": {"$ref": DEFS + each.data_name},
        }
        for each in catalogue.CONTROL.values()
    }
    return {"$schema": DIALECT, "types": types, "control": control, "$defs": definitions(_refs_in([types, control]))}


def definitions(names: set[str]) -> dict[str, Any]:
    """The OpenAPI components of these names and all that they refer to, as `$defs`, by name."""
    schema = OpenApiJsonRenderer().render(SchemaGenerator().get_schema(request=None, public=True)).decode()
    components = msgspec.json.decode(schema.replace("#/components/schemas/", DEFS))["components"]["schemas"]
    defs: dict[str, Any] = {}
    wanted = set(names)
    while wanted:
        name = wanted.pop()
        defs[name] = components[name]
        wanted |= _refs_in(defs[name]) - defs.keys()
    return dict(sorted(defs.items()))


def _refs_in(node: Any) -> set[str]:
    """The names of the `$defs` that a part of a schema refers to."""
    return set(re.findall(r'"#/\$defs/(\w+)"', encode(node)))
