"""Every refusal that a test sees has a status and a code that OpenAPI names for its operation.

What breaks this is noted as for events, see contract.py.
"""

import json
import re
from functools import cache, reduce
from operator import getitem
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from chatserver.tests.harness import contract

# Of methods that a path has not, and of bugs.
NO_OPERATION = {405, 500}
# Of bodies where none belongs.
OF_BODIES = {413, 415}
MEDIA_TYPE = "application/problem+json"

Operation = tuple[str, re.Pattern[str], dict[int, set[str]], bool]


def codes_of(schema: dict[str, Any], operation: dict[str, Any]) -> dict[int, set[str]]:
    """The codes that an operation refuses with, by status."""

    def resolved(node: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in node:
            return node
        _, *keys = node["$ref"].split("/")
        return reduce(getitem, keys, schema)

    found = {}
    for status, response in operation["responses"].items():
        if status[0] in "45":
            ((media_type, content),) = resolved(response)["content"].items()
            assert media_type == MEDIA_TYPE
            problem, narrowed = resolved(content["schema"])["allOf"]
            assert problem == {"$ref": "#/components/schemas/Problem"}
            found[int(status)] = set(narrowed["properties"]["code"]["enum"])
    return found


@cache
def operations() -> list[Operation]:
    """Each operation's method, path, codes by status, and whether it has a body. `/users/me/` before `/users/{id}/`."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return [
        (
            method.upper(),
            re.compile(re.sub(r"{\w+}", "[^/]+", path).rstrip("/") + "/?"),
            codes_of(schema, operation),
            "requestBody" in operation,
        )
        for path, item in sorted(schema["paths"].items(), key=lambda entry: entry[0].count("{"))
        for method, operation in item.items()
    ]


def check_refusal(method: str, path: str, status: int, body: bytes) -> None:
    """Note where an answer to the API is a problem that its operation does not name. A path without a query."""
    if status < 400 or status in NO_OPERATION:
        return
    for its_method, its_path, codes, has_body in operations():
        if its_method == method and its_path.fullmatch(path) and (has_body or status not in OF_BODIES):
            code = json.loads(body)["code"]
            if code not in codes.get(status, ()):
                contract.violations.append(f"OpenAPI does not name it: {method} {path} answered {status} {code}")
            return
