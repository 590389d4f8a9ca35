"""The routes and streams of the old chat-service; none of them where CHAT_LEGACY_ROUTES is off."""

from django.conf import settings
from django.urls import URLPattern

from chats.stream.dialects import Dialect
from chatserver.http.problems import BodyWriter

LEGACY_ROUTES: list[URLPattern] = []
LEGACY_STREAMS: dict[str, tuple[Dialect, BodyWriter]] = {}

if settings.CHAT_LEGACY_ROUTES:
    # Not above: the package may have been deleted.
    from chatserver.legacy import stream, urls

    LEGACY_ROUTES = urls.urlpatterns
    LEGACY_STREAMS = stream.STREAM_PATHS
