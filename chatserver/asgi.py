"""The two entrances of a server process: streams go to their endpoint, all else to Django in a pool of threads."""

import sys
import time

# This sets Django up: what follows may import models.
from chatserver.wsgi import application as wsgi_application

# isort: split
from channels.routing import ProtocolTypeRouter
from django.conf import settings

from chats.stream.dialects import API
from chats.stream.endpoint import StreamEndpoint
from chatserver.config.checks import refuse_unsafe_production
from chatserver.errors import ChatError
from chatserver.http import probes
from chatserver.http.asgi_types import Application, Receive, Scope, Send
from chatserver.http.authorization import authorization_in
from chatserver.http.below_path import BelowPath
from chatserver.http.body_limits import BodyLimits
from chatserver.http.cooperative_routes import cooperative_routes
from chatserver.http.cross_origin import answer_preflight, is_preflight
from chatserver.http.password_routes import password_routes
from chatserver.http.problems import problem_body
from chatserver.http.refusals import send_refusal
from chatserver.legacy_switch import LEGACY_ENDPOINTS, LEGACY_STREAMS
from chatserver.server.address_limit import AddressLimit
from chatserver.server.lifespan import Lifespan
from chatserver.server.local_clients import refuse_strangers_to_debug
from chatserver.server.open_files import allow_open_files, max_streams
from chatserver.server.runtime import Runtime
from chatserver.server.wsgi_pool import WsgiPool
from users.credentials.passwords import is_to_be_hashed

ADMIN_SIGN_IN_PATH = "/admin/login/"

refuse_unsafe_production()
if "daphne" in sys.modules:  # it is what serves
    from chatserver.server.daphne_log import leave_out_queries

    leave_out_queries()
runtime = Runtime(max_streams(allow_open_files()))
address_limit = AddressLimit(settings.CHAT_MAX_CONNECTIONS_PER_ADDRESS)
password_paths = password_routes()


def hashes_password(scope: Scope) -> bool:
    """Whether a request comes with a password that is to be hashed."""
    paths = password_paths.get(scope["method"])
    is_sign_in = scope["path"] == ADMIN_SIGN_IN_PATH or (
        paths is not None and paths.fullmatch(scope["path"]) is not None
    )
    return is_sign_in or is_to_be_hashed(authorization_in(scope))


rest = WsgiPool(
    wsgi_application,
    settings.CHAT_THREADS,
    cooperative=cooperative_routes(),
    max_body=BodyLimits().of,
    probes=probes.PATHS,
    hashes_password=hashes_password,
)
# A look-up by the whole path: patterns would be tried one after the other for each request.
STREAM_ENDPOINTS: dict[str, Application] = {
    path: StreamEndpoint(runtime.streams, dialect, write_body)
    for path, (dialect, write_body) in {
        "/api/v1/stream": (API, problem_body),
        "/api/v1/stream/": (API, problem_body),
        **LEGACY_STREAMS,
    }.items()
}
ENDPOINTS = STREAM_ENDPOINTS | {path: make(rest, runtime.streams) for path, make in LEGACY_ENDPOINTS.items()}


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    """A stream, or everything else."""
    runtime.ensure_started()
    try:
        refuse_strangers_to_debug(scope)
        network = address_limit.enter(scope)
    except ChatError as error:
        await send_refusal(scope, send, error, began=time.perf_counter(), Connection="close")
        return
    try:
        if is_preflight(scope):
            await answer_preflight(scope, send)
            return
        await ENDPOINTS.get(scope["path"], rest)(scope, receive, send)
    finally:
        address_limit.leave(network)


application = ProtocolTypeRouter({"http": http, "lifespan": Lifespan(runtime, rest)})
if settings.CHAT_BASE_PATH:
    application = BelowPath(application, settings.CHAT_BASE_PATH)
