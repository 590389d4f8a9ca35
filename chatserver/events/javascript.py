"""The catalogue as types for the JavaScript client (clients/js/src/schema.js): JSDoc, which tsc checks."""

import json
import re
from typing import Any

from chatserver.events import catalogue
from chatserver.events.openapi import component_of
from chatserver.events.schema import DEFS, definitions

# What the client gets from REST beside events.
ANSWERS = {"FullRoom", "Session", "User"}
MODULE_HEAD = """\
// Made by `manage.py describe_events` from the catalogue of events and OpenAPI. Newer servers may have more fields and
// more events than these.

/** The names of all events. */
export const EVENT_TYPES = /** @type {const} */ ([
%s
]);

/**
 * Any event.
 * @typedef {%s} ChatEvent
 */
"""
TYPEDEF = "/**\n%s * @typedef {%s} %s\n */\n"
# What says nothing to a client: our functions, and values that repeat their names.
INTERNAL = re.compile(r"The schema of |\* `(\w+)` - \1$", re.IGNORECASE)
TYPESCRIPT_NAMES = {"integer": "number", "number": "number", "string": "string", "boolean": "boolean", "null": "null"}

Schema = dict[str, Any]


def client_types() -> str:
    """The text of the file."""
    types = catalogue.sorted_types()
    names = {component_of(each) for each in types}
    control = {each.data_name for each in catalogue.CONTROL.values()}
    head = MODULE_HEAD % ("\n".join(f'  "{each.name}",' for each in types), "\n *   | ".join(sorted(names)))
    defs = definitions(names | control | ANSWERS)
    return "\n".join([head, *(_typedef(name, schema) for name, schema in defs.items())])


def _typedef(name: str, schema: Schema) -> str:
    described = [line for line in schema.get("description", "").splitlines() if not INTERNAL.match(line)]
    summary = "".join(f" * {line}".rstrip() + "\n" for line in described)
    return TYPEDEF % (summary, _type(schema, "\n * "), name)


def _type(schema: Schema, line: str = " ") -> str:
    """The TypeScript of a JSON Schema. `line` is what stands between the fields of an object."""
    if "$ref" in schema:
        return schema["$ref"].removeprefix(DEFS)
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "allOf" in schema:
        return " & ".join(map(_type, schema["allOf"]))
    if several := schema.get("oneOf") or schema.get("anyOf"):
        return " | ".join(dict.fromkeys(map(_type, several)))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(_type(schema | {"type": each}) for each in kind)
    if kind == "array":
        return f"({_type(schema['items'])})[]"
    if kind == "object" and "properties" not in schema:
        return "Record<string, any>"
    if kind == "object":
        return _object(schema, line)
    return TYPESCRIPT_NAMES.get(str(kind), "any")


def _object(schema: Schema, line: str) -> str:
    required = schema.get("required", [])
    fields = [
        f"{name}{'' if name in required else '?'}: {_type(field)},"
        for name, field in schema.get("properties", {}).items()
    ]
    indent = "  " if "\n" in line else ""
    return "{" + "".join(f"{line}{indent}{field}" for field in fields) + line + "}"
