"""What the OpenAPI schema says beyond the serializers: summaries, parameters and pages."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

from drf_spectacular.drainage import get_override, set_override
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import is_list_serializer
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema_field,
    extend_schema_serializer,
    inline_serializer,
)
from rest_framework import serializers

from chatserver.http.outsiders import outsiders_of
from chatserver.http.pagination import DEFAULT_LIMIT, LARGEST_LIMIT
from chatserver.http.parameters import LARGEST_ID
from chatserver.http.scopes import need_of

Shape = TypeVar("Shape")

ID_SCHEMA = {"type": "integer", "format": "int64", "minimum": 0, "maximum": LARGEST_ID}
CURSOR_PARAMETERS = [
    OpenApiParameter("before", ID_SCHEMA, description="an id"),
    OpenApiParameter("after", ID_SCHEMA, description="an id"),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
        description="how many at most",
    ),
]

# The same for a list whose order moves.
PLACE_PARAMETERS = [
    OpenApiParameter(name, {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)*$"}, description="as a page gave it")
    for name in ("before", "after")
] + CURSOR_PARAMETERS[2:]

TAGS = {
    "session": "Who am I, and sign-in with a cookie",
    "tokens": "Sign-in with a bearer token, and what else one is signed in with",
    "tickets": "For streams of clients that can't send headers",
    "users": "People, one's own profile, and who is online",
    "rooms": "Rooms, their members, their history and read markers",
    "sync": "What a client starts with",
    "unread": "What is unread",
    "read-marker": "All rooms read at once",
    "blocks": "Whom one blocks",
    "invitations": "To rooms: mine, and links",
    "messages": "Single messages: editing, removing, reacting",
    "threads": "Threads that I follow",
    "chats": "Posting messages, and messages in the shapes of the old ChatServer",
    "events": "The log, for backends that poll",
    "webhooks": "Events delivered to a backend's own URLs",
    "stream": "Everything that happens, as it happens",
    "schema": "Which events exist",
    "moderation": "What staff and backends look after",
}


class PlainSchema(AutoSchema):
    """A response is a list only where its serializer says so: our lists are objects with `results`.

    An operation's summary is the first sentence of its docstring.
    """

    def get_summary(self) -> str:
        return re.split(r"\.(?:\s|$)", self.get_description(), maxsplit=1)[0]

    def get_operation(self, *arguments: Any) -> dict[str, Any] | None:
        """With `x-scope`, what a service key needs, `x-only-keys` where no other credential is taken, `x-outsiders`."""
        operation: dict[str, Any] | None = super().get_operation(*arguments)
        need = need_of(self.view, self.method)
        outsiders = outsiders_of(self.view, self.method, need)
        if operation is not None and outsiders is not None:
            operation["x-outsiders"] = outsiders
        if operation is not None and need is not None:
            operation["x-scope"] = need.scope
            if need.only_keys:
                operation |= {"x-only-keys": True, "security": credentials("bearer")}
        return operation

    def get_auth(self) -> list[Any]:
        # Generators take a list as a need of credentials, even where what it lists is none.
        auth: list[Any] = super().get_auth()
        return [] if auth == [{}] else auth

    def _is_list_view(self, serializer: Any = None) -> bool:
        return bool(super()._is_list_view() if serializer is None else is_list_serializer(serializer))

    def _get_serializer_field_meta(self, field: Any, direction: str) -> dict[str, Any]:
        # In words: with the keyword, types for TypeScript would demand the field of who sends a body.
        meta: dict[str, Any] = super()._get_serializer_field_meta(field, direction)
        default = meta.pop("default", None)
        return meta | {"description": f"`{default}` where it is left out"} if default else meta

    def _map_serializer(self, serializer: Any, direction: str, bypass_extensions: bool = False) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_serializer(serializer, direction, bypass_extensions)
        return schema | get_override(serializer, "keywords", {})

    def _insert_field_validators(self, field: Any, schema: dict[str, Any]) -> None:
        super()._insert_field_validators(field, schema)
        if "oneOf" in schema:  # the empty text, or a format: where formats are not checked, it is both
            schema["anyOf"] = schema.pop("oneOf")


def shows(**examples: Any) -> Callable[[Shape], Shape]:
    """Marks a serializer with examples of its JSON, by name."""
    named = [OpenApiExample(name.replace("_", " "), value) for name, value in examples.items()]
    return cast(Callable[[Shape], Shape], extend_schema_serializer(examples=named))


def explain_tags(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing hook: says what each tag, the first part of a path, is about."""
    return result | {"tags": [{"name": name, "description": text} for name, text in TAGS.items()]}


def says(keywords: dict[str, Any]) -> Callable[[Shape], Shape]:
    """Marks a serializer with further keywords of its JSON Schema. Generators stumble over `oneOf`, not over `if`."""

    def mark(shape: Shape) -> Shape:
        set_override(shape, "keywords", keywords)
        return shape

    return mark


def credentials(*names: str) -> Any:
    """What extend_schema() takes as `auth`: any one of these kinds of credentials; "" for none."""
    return [{name: []} if name else {} for name in names]


def path_id(name: str, description: str) -> OpenApiParameter:
    """An id in the path."""
    return OpenApiParameter(name, ID_SCHEMA, OpenApiParameter.PATH, description=description)


def query_number(name: str, description: str, *, least: int = 0, **extra: int) -> OpenApiParameter:
    """A whole number in the query; `extra` are further keywords of its schema."""
    return OpenApiParameter(name, {**ID_SCHEMA, "minimum": least, **extra}, description=description)


def query_numbers(name: str, description: str) -> OpenApiParameter:
    """Ids in the query, with commas between them, as parameters.id_list() reads them."""
    schema = {"type": "array", "items": ID_SCHEMA, "minItems": 1, "maxItems": LARGEST_LIMIT}
    return OpenApiParameter(name, schema, style="form", explode=False, description=description)


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class PlaceField(serializers.Field[Any, Any, Any, Any]):
    """An id, or a place in a list whose order moves."""


@cache
def paged(
    item: type[serializers.BaseSerializer[Any]],
    key: type[serializers.Field[Any, Any, Any, Any]] = serializers.IntegerField,
) -> serializers.Serializer[Any]:
    """The schema of a key-paged list, as pagination.page() makes it. `key` is that of `next` and `previous`."""
    name = item.__name__.removesuffix("Serializer") + "KeyPage"
    example = {"results": [_example_of(item)], "next": None, "previous": None}
    fields: dict[str, serializers.Field[Any, Any, Any, Any]] = {
        "results": item(many=True),
        "next": key(allow_null=True, help_text="what to send as `after` for the next page"),
        "previous": key(allow_null=True, help_text="what to send as `before` for the one before"),
    }
    return shows(the_last_page=example)(inline_serializer(name, fields))


@cache
def results_of(item: type[serializers.BaseSerializer[Any]]) -> serializers.Serializer[Any]:
    """The schema of a whole list, which has no pages."""
    made = inline_serializer(item.__name__.removesuffix("Serializer") + "Results", {"results": item(many=True)})
    return shows(one={"results": [_example_of(item)]})(made)


def _example_of(item: type[serializers.BaseSerializer[Any]]) -> Any:
    return get_override(item, "examples")[0].value
