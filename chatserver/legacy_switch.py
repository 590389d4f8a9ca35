"""The routes and streams of the old chat-service; none of them where CHAT_LEGACY_ROUTES is off."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.urls import URLPattern

from chats.stream.dialects import Dialect
from chats.stream.server import StreamServer
from chatserver.http.asgi_types import Application
from chatserver.http.problems import BodyWriter

LEGACY_ROUTES: list[URLPattern] = []
LEGACY_STREAMS: dict[str, tuple[Dialect, BodyWriter]] = {}
# By path: what makes the application before Django's.
LEGACY_ENDPOINTS: Mapping[str, Callable[[Application, StreamServer], Application]] = {}

if settings.CHAT_LEGACY_ROUTES:
    # Not above: the package may have been deleted.
    from chatserver.legacy import held_polls, stream, urls

    LEGACY_ROUTES = urls.urlpatterns
    LEGACY_STREAMS = stream.STREAM_PATHS
    LEGACY_ENDPOINTS = held_polls.POLLED_PATHS
