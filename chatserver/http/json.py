"""JSON bodies, in and out, by msgspec: DRF's renderer, parser and content negotiation."""

from typing import Any

import msgspec
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class JsonRenderer(BaseRenderer):
    """Writes JSON by msgspec."""

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


def canonical_json(text: str) -> str:
    """The same JSON with the names in its objects sorted, to compare two texts regardless of the order of names.

    Decoded values would be equal too often: in Python `1 == True`.
    """
    return msgspec.json.encode(msgspec.json.decode(text), order="sorted").decode()


class JsonNegotiation(DefaultContentNegotiation):
    """DRF's negotiation, with a fast path for `Accept: */*`, which nearly all clients send."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first, accept = renderers[0], request.META.get("HTTP_ACCEPT", "*/*")
        names_none = format_suffix is None and "format" not in request.META.get("QUERY_STRING", "")
        if names_none and accept in {"*/*", first.media_type}:
            return first, first.media_type
        return super().select_renderer(request, renderers, format_suffix)
