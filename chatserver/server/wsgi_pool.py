"""Runs a WSGI application in a bounded pool of threads, behind ASGI.

Django's own ASGI handler takes a new thread and a new connection for each request of a sync view; here a request
waits for one of a few threads, and each thread keeps its database connection. Requests of routes that run cooperatively
share a thread instead: one for reads, so that they do not wait for locks, and one for writes.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import structlog
from django.core.handlers.wsgi import WSGIHandler

from chatserver.concurrency.cooperative import CooperativeExecutor
from chatserver.errors import ChatError, Invalid, TooLarge, Unavailable
from chatserver.http.asgi_types import Receive, Scope, Send
from chatserver.http.authorization import authorization_in
from chatserver.http.cross_origin import cross_origin_headers
from chatserver.http.metrics import POOL_REQUESTS, POOL_THREADS
from chatserver.http.refusals import send_refusal
from chatserver.server.sign_ins import SIGN_IN_THREADS, SignIns
from chatserver.server.untaken_answers import UntakenAnswers
from chatserver.server.wsgi_environ import build_environ
from users.credentials.jwts import is_to_be_verified

# A client gets this long to send its body.
BODY_SECONDS = 30.0
# A client gets this long to take an answer. One that is longer than a chunk is given in chunks, so that it waits here
# and not in the server's buffers.
ANSWER_SECONDS = 30.0
CHUNK_BYTES = 64 * 1024
# Requests that wait for a thread; further ones are refused. Those whose body is still coming do not count: a few slow
# senders would block everybody.
MAX_WAITING_REQUESTS = 1_000
# Probes have threads of their own: those for REST may all wait for a database that does not answer.
PROBE_THREADS = 2

logger = structlog.get_logger(__name__)

Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, Headers, bytes]


class WsgiPool:
    """An ASGI application that answers with a WSGI one.

    `cooperative` has, by HTTP method, the paths whose requests share a thread; `probes` are the paths of probes.
    `max_body(method, path)` tells how many bytes a body may have, `hashes_password` whether a request has to wait for
    one of the threads for that.
    """

    def __init__(
        self,
        application: WSGIHandler,
        threads: int,
        *,
        cooperative: Mapping[str, re.Pattern[str]],
        max_body: Callable[[str, str], int],
        probes: Collection[str] = (),
        hashes_password: Callable[[Scope], bool] = lambda scope: False,
    ) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(threads, "rest")
        self._cooperative = cooperative
        self._max_body = max_body
        self._hashes_password = hashes_password
        self._probes = ThreadPoolExecutor(PROBE_THREADS, "probes")
        self._probe_paths = frozenset(probes)
        self._sign_ins = SignIns()
        self._reads = CooperativeExecutor("rest_reads")
        self._writes = CooperativeExecutor("rest_writes")
        for pool, size in (
            ("rest", threads),
            ("reads", 1),
            ("writes", 1),
            ("sign_ins", SIGN_IN_THREADS),
            ("probes", PROBE_THREADS),
        ):
            POOL_THREADS.labels(pool).set(size)
            POOL_REQUESTS.labels(pool)
        self._waiting = 0
        # Set when another process takes our place.
        self.ends_connections = False
        self._untaken = UntakenAnswers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        try:
            body = await self._read_body_in_time(scope, receive)
            if not self._is_probe(scope):
                self._untaken.check(scope)
                if self._waiting >= MAX_WAITING_REQUESTS:
                    raise Unavailable("Too many requests are under way; come back shortly.", code="overloaded")
            status, headers, answer = await self._answer(scope, partial(self._run, scope, body))
            if len(answer) > CHUNK_BYTES:
                # Many may have passed the first check together. No write has so long an answer.
                self._untaken.check(scope, len(answer))
        except ChatError as error:
            # The rest of the body may still come: the connection can't be used again.
            await send_refusal(scope, send, error, began=began, Connection="close")
            return
        if self.ends_connections:
            headers.append((b"connection", b"close"))
        headers += cross_origin_headers(scope)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if len(answer) <= CHUNK_BYTES:
            await send({"type": "http.response.body", "body": answer})
        else:
            with self._untaken.holding(scope, len(answer)):
                await self._send_in_chunks(answer, send)

    def _is_probe(self, scope: Scope) -> bool:
        return scope["path"].rstrip("/") in self._probe_paths

    async def _answer(self, scope: Scope, answering: Callable[[], Answer]) -> Answer:
        pool, run = self._pool_for(scope)
        self._waiting += 1
        POOL_REQUESTS.labels(pool).inc()
        try:
            return await run(answering)
        finally:
            POOL_REQUESTS.labels(pool).dec()
            self._waiting -= 1

    def _pool_for(self, scope: Scope) -> tuple[str, Callable[[Callable[[], Answer]], Awaitable[Answer]]]:
        """The name of a pool of threads, and what runs a call there."""
        loop = asyncio.get_running_loop()
        if self._is_probe(scope):
            return "probes", partial(loop.run_in_executor, self._probes)
        if self._hashes_password(scope):
            return "sign_ins", partial(self._sign_ins.run, scope)
        if self._is_cooperative(scope):
            return ("reads", self._reads.run) if scope["method"] == "GET" else ("writes", self._writes.run)
        return "rest", partial(loop.run_in_executor, self._pool)

    async def _send_in_chunks(self, answer: bytes, send: Send) -> None:
        """Send a long answer as fast as the client takes it. Where it is too slow, the connection ends."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                for start in range(0, len(answer), CHUNK_BYTES):
                    chunk = answer[start : start + CHUNK_BYTES]
                    is_last = start + CHUNK_BYTES >= len(answer)
                    await send({"type": "http.response.body", "body": chunk, "more_body": not is_last})
        except TimeoutError:
            # The server ends a connection whose answer stays incomplete.
            logger.warning("answer_not_taken", bytes=len(answer))

    def close(self) -> None:
        """Let what runs end, and take no more."""
        self._reads.close()
        self._writes.close()
        self._sign_ins.close()
        self._probes.shutdown(wait=True, cancel_futures=True)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _is_cooperative(self, scope: Scope) -> bool:
        paths = self._cooperative.get(scope["method"])
        return paths is not None and paths.fullmatch(scope["path"]) is not None and not _identifies_slowly(scope)

    async def _read_body_in_time(self, scope: Scope, receive: Receive) -> bytes:
        """The body. TooLarge; Invalid if it does not arrive whole."""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._read_body(scope, receive)
        except TimeoutError as error:
            raise Invalid("The body did not arrive in time.", code="body_timeout") from error

    async def _read_body(self, scope: Scope, receive: Receive) -> bytes:
        limit = self._max_body(scope["method"], scope["path"])
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        too_large = TooLarge(f"The body is larger than {limit} bytes.")
        if length.isdigit() and int(length) > limit:
            raise too_large
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                # The client has gone, or sent malformed chunks and may still read this.
                raise Invalid("The body did not arrive whole.", code="body_incomplete")
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > limit:
                raise too_large
            if not message.get("more_body", False):
                return b"".join(chunks)

    def _run(self, scope: Scope, body: bytes) -> Answer:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[..., Any]:
            started.append((status, headers))
            return started.append  # the old write() of PEP 3333, which Django never calls

        chunks: Iterable[bytes] = self._application(build_environ(scope, body), start_response)
        try:
            answer = b"".join(chunks)
        finally:
            chunks.close()  # type: ignore[attr-defined]  # Django's responses have it
        status, headers = started[-1]
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return int(status[:3]), encoded, b"" if scope["method"] == "HEAD" else answer


def _identifies_slowly(scope: Scope) -> bool:
    """Whether a request comes with a password, whose hash takes a good part of a second, or with a JWT that may need
    the keys of an identity provider.
    """
    authorization = authorization_in(scope)
    return authorization is not None and (authorization.scheme == "basic" or is_to_be_verified(authorization))
