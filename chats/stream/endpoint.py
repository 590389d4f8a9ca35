"""The endpoint of a stream: a bare ASGI application, routed before Django, so that no stream holds a thread.

It awaits the disconnect while it sends; else it would never learn that the client has gone.
"""

import asyncio
import time
from urllib.parse import parse_qs

from chats.stream import handshake_reads, metrics, sse
from chats.stream.connection import Connection
from chats.stream.dialects import Dialect
from chats.stream.handshake_reads import Handshake
from chats.stream.server import StreamServer
from chatserver.audit.entries import entry_of, record
from chatserver.errors import ChatError, Invalid, MethodNotAllowed, Unavailable
from chatserver.events.whole_log import WHOLE_LOG, types_of_whole_log, whole_log
from chatserver.http.asgi_types import Receive, Scope, Send, header
from chatserver.http.caller import permit
from chatserver.http.cross_origin import cross_origin_headers
from chatserver.http.error_translation import as_chat_error
from chatserver.http.parameters import whole_number
from chatserver.http.problems import BodyWriter, sane_request_id
from chatserver.http.refusals import send_refusal
from chatserver.http.route_labels import fixed_route
from users.credentials.identity import Identity

# How often a handshake is repeated because memory no longer reaches back to it: many rows came meanwhile.
MAX_HANDSHAKES = 5


class StreamEndpoint:
    """GET on a stream, in one dialect."""

    def __init__(self, server: StreamServer, dialect: Dialect, write_body: BodyWriter) -> None:
        self._server = server
        self._dialect = dialect
        self._write_body = write_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        _keep_request_id(scope)
        try:
            connection, prologue = await self._open(scope)
        except Exception as error:
            known = as_chat_error(error)
            if known is None:
                raise
            more = {"Allow": "GET"} if known.status == 405 else {}
            if known.status == 503:
                # Else a client that is refused would keep the connection, which this process may be short of.
                more["Connection"] = "close"
            # Of few paths: see STREAM_ENDPOINTS in asgi.py.
            await send_refusal(
                scope, send, known, began=began, route=fixed_route(scope), write_body=self._write_body, **more
            )
            return
        try:
            headers = [*sse.HEADERS, *cross_origin_headers(scope), (b"x-request-id", _request_id(scope).encode())]
            # The stream may stay open for days, and would keep the request in memory.
            scope["headers"].clear()
            scope.clear()
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await self._serve(connection, prologue, receive, send)
        except asyncio.CancelledError:
            # With a reason, Connection.cut() cancelled us. Otherwise the server stops.
            if connection.end_reason is None:
                raise
        finally:
            self._server.closed(connection)

    async def _open(self, scope: Scope) -> tuple[Connection, bytes]:
        if scope["method"] != "GET":
            raise MethodNotAllowed
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        last = _last_event_id(scope, query)
        history = self._server.hub.history
        found = await self._server.look_up(scope, query["ticket"][0] if "ticket" in query else None, last)
        try:
            types = None if self._dialect.key_need is None else _whole_types(query)
            permit(found.identity, self._dialect.key_need if types is None else WHOLE_LOG)
        except ChatError as refusal:
            await self._audit(scope, found.identity, refusal.status)
            raise
        await self._audit(scope, found.identity, 200)
        for _ in range(MAX_HANDSHAKES):
            if types is not None:
                found = found._replace(subscriptions=whole_log(found.subscriptions), replay=None)
            prologue = await self._prologue(found, last, types)
            connection = Connection(
                user_id=found.identity.user_id,
                credential=found.identity.credential,
                expires_at=found.identity.expires_at,
                dialect=self._dialect,
                position=found.subscriptions.position,
                topics=dict.fromkeys(found.subscriptions.since, 0) | dict(found.subscriptions.visible_from),
                task=asyncio.current_task(),  # type: ignore[arg-type]  # every coroutine here runs in a task
                service_id=found.identity.service_id,
                whole_types=types,
            )
            # If PostgreSQL lost commits meanwhile, what was read may no longer be in the log.
            if history == self._server.hub.history and self._server.opened(connection):
                return connection, prologue
            history = self._server.hub.history
            found = await self._server.handshakes.look_up_again(found, last)
        raise Unavailable("Too much happens at the moment; come back.", code="overloaded")

    async def _audit(self, scope: Scope, identity: Identity, status: int) -> None:
        """Write into the audit what a service key asked for."""
        if identity.service_id is not None:
            route, request_id = fixed_route(scope), _request_id(scope)
            entry = entry_of(identity, method="GET", route=route, status=status, request_id=request_id, targets={})
            await self._server.run(record, entry)

    async def _prologue(self, found: Handshake, last: int | None, types: frozenset[str] | None) -> bytes:
        """What is sent before live events: hello, then what was missed, or reset."""
        dialect, user_id, position = self._dialect, found.identity.user_id, found.subscriptions.position
        reason = found.subscriptions.reset_reason
        if last is not None and reason is None:
            missed = await self._missed(found, last, types)
            if missed is not None:
                return dialect.hello(last, user_id, is_resumed=True) + missed
            reason = "too_far_behind"
        begin = dialect.hello(position, user_id, is_resumed=False)
        if reason is None:
            return begin
        metrics.RESETS.labels(reason).inc()
        return begin + dialect.reset(position, reason)

    async def _missed(self, found: Handshake, last: int, types: frozenset[str] | None) -> bytes | None:
        """The frames after `last`, from memory or else from the log; None where they are too many."""
        if found.replay is not None:
            metrics.RESUMES.labels("memory").inc()
            return found.replay.missed(found.subscriptions, last, self._dialect)
        metrics.RESUMES.labels("log").inc()
        rows = await self._server.run(handshake_reads.read_missed, found.subscriptions, last, types)
        return None if rows is None else b"".join(self._dialect.event(row) for row in rows)

    async def _serve(self, connection: Connection, prologue: bytes, receive: Receive, send: Send) -> None:
        watch = asyncio.create_task(_wait_for_disconnect(connection, receive))
        try:
            chunk = prologue
            while chunk:
                connection.sending_since = time.monotonic()
                self._server.hub.dispatch.watch(connection)
                await send(sse.body_message(chunk))
                connection.sending_since = None
                connection.start(send)
                chunk = await connection.wait()
            await send({"type": "http.response.body", "body": b""})
        finally:
            watch.cancel()


def _last_event_id(scope: Scope, query: dict[str, list[str]]) -> int | None:
    """The position to resume from, or Invalid: the header, else the query. Empty means none, as browsers have it.

    `lastEventId` is how polyfills of EventSource write it.
    """
    texts = (header(scope, b"last-event-id"), query.get("last_event_id", [""])[0], query.get("lastEventId", [""])[0])
    given = next(filter(None, texts), "")
    if not given:
        return None
    try:
        return whole_number(given, "last_event_id")
    except Invalid as error:
        raise Invalid("The last event id must be a position of the log.", code="invalid_last_event_id") from error


def _whole_types(query: dict[str, list[str]]) -> frozenset[str] | None:
    """The types of events that a stream of the whole log asks for; None for a stream of the caller's own."""
    return types_of_whole_log({name: values[0] for name, values in query.items()})


def _keep_request_id(scope: Scope) -> None:
    """Have the request's id, which may be made up here, in its headers: it is needed in several places."""
    kept = (b"x-request-id", _request_id(scope).encode())
    scope["headers"] = [*(pair for pair in scope["headers"] if pair[0] != kept[0]), kept]


def _request_id(scope: Scope) -> str:
    return sane_request_id(header(scope, b"x-request-id") or "")


async def _wait_for_disconnect(connection: Connection, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    connection.cut("gone")
