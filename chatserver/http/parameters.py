"""What comes in and goes out of the API: JSON bodies, and what stands in queries and paths."""

from typing import Any

import msgspec
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from chatserver.errors import Invalid, NotFound

LARGEST_ID = 2**63 - 1


class JsonRenderer(BaseRenderer):
    """JSON by msgspec, of what the serializers' functions have shaped."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None and _is_empty(renderer_context) else msgspec.json.encode(data)


def _is_empty(renderer_context: Any) -> bool:
    return bool(renderer_context) and renderer_context["response"].status_code == 204


class JsonParser(BaseParser):
    """A JSON body of any type; malformed UTF-8 or JSON is a 400."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return msgspec.json.decode(stream.read())
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise exceptions.ParseError(f"The body is not JSON: {error}") from error


class JsonNegotiation(DefaultContentNegotiation):
    """DRF's negotiation, with a short way for those who take what comes first, as nearly all do."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first, accept = renderers[0], request.META.get("HTTP_ACCEPT", "*/*")
        names_none = format_suffix is None and "format" not in request.META.get("QUERY_STRING", "")
        if names_none and accept in {"*/*", first.media_type}:
            return first, first.media_type
        return super().select_renderer(request, renderers, format_suffix)


def whole_number(value: Any, name: str, *, least: int = 0, most: int = LARGEST_ID) -> int:
    """A number from a query or a path, or Invalid. Digits only: no sign, no space, no other script's digits."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and least <= int(text) <= most):
        raise Invalid(f"{name} must be a whole number from {least} to {most}.", field=name)
    return int(text)


def object_id(value: str) -> int:
    """An id from a path. What can be no id is not there: NotFound."""
    try:
        return whole_number(value, "id")
    except Invalid as error:
        raise NotFound from error


def flag(request: Request, name: str) -> bool:
    """A yes or no from the query: true/1 or false/0."""
    value = request.query_params.get(name, "false")
    if value not in {"true", "1", "false", "0"}:
        raise Invalid(f"{name} must be true or false.", field=name)
    return value in {"true", "1"}
