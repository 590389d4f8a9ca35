"""The two entrances of a server process: streams go to their endpoint, all else to Django in a pool of threads."""

# This sets Django up: what follows may import models.
from chatserver.wsgi import application as wsgi_application

# isort: split
from channels.routing import ProtocolTypeRouter
from django.conf import settings

from chats.stream.dialects import API, LEGACY
from chats.stream.endpoint import StreamEndpoint
from chatserver.http.asgi_types import Receive, Scope, Send
from chatserver.http.cooperative_routes import cooperative_routes
from chatserver.http.problems import stream_error_body
from chatserver.legacy.base import legacy_error_body
from chatserver.server.lifespan import Lifespan
from chatserver.server.runtime import Runtime
from chatserver.server.wsgi_pool import WsgiPool

runtime = Runtime()
rest = WsgiPool(wsgi_application, settings.CHAT_THREADS, cooperative_routes())
api_stream = StreamEndpoint(runtime.streams, API, stream_error_body)
legacy_stream = StreamEndpoint(runtime.streams, LEGACY, legacy_error_body)
# By the whole path: a table of patterns would be tried one after the other for each request.
STREAMS = {
    "/api/v1/stream": api_stream,
    "/api/v1/stream/": api_stream,
    "/stream": legacy_stream,
    "/stream/": legacy_stream,
}


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    """A stream, or everything else."""
    runtime.ensure_started()
    await STREAMS.get(scope["path"], rest)(scope, receive, send)


application = ProtocolTypeRouter({"http": http, "lifespan": Lifespan(runtime, rest)})
