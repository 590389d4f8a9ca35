"""Holds the answer to a poll of /socket.io/ until a ping is due: a client polls again as soon as it has an answer.

No poll holds a thread. Each takes a place of those that a process has for streams. To a process that drains nobody
connects: a client keeps what it emits until it is connected, and would lose it where the connection ends at once.
One person's polls take few of the places, as their streams do: beyond the limit, the connection of the oldest ends.
"""

import asyncio
import time
from collections import defaultdict
from typing import Any

from chats.stream.server import StreamServer
from chatserver.errors import Unavailable
from chatserver.http.asgi_types import Application, Receive, Scope, Send
from chatserver.http.refusals import send_refusal
from chatserver.http.route_labels import fixed_route
from chatserver.legacy.socket_io import PING_SECONDS, POLLER_HEADER
from chatserver.legacy.stream import legacy_error_body
from users.presence import MAX_STREAMS_PER_USER

# Of Engine.IO: the server ends the connection. The client comes back after a moment.
CLOSE = b"1"
POLLER = POLLER_HEADER.lower().encode()


class HeldPolls:
    """An ASGI application before `rest`, which answers a poll at once."""

    def __init__(self, rest: Application, streams: StreamServer) -> None:
        self._rest = rest
        self._streams = streams
        # By person, the oldest first; set when it has to end.
        self._polls: dict[bytes, list[asyncio.Event]] = defaultdict(list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            await self._rest(scope, receive, send)
            return
        began = time.perf_counter()
        try:
            with self._streams.place():
                answer = await self._answer(scope, receive)
        except Unavailable as error:
            route = fixed_route(scope)
            # Else a client that is refused would keep the connection to a process that is short of them, or drains.
            await send_refusal(
                scope, send, error, began=began, route=route, write_body=legacy_error_body, Connection="close"
            )
            return
        for message in answer:
            await send(message)

    async def _answer(self, scope: Scope, receive: Receive) -> list[dict[str, Any]]:
        """What is to be sent, when it is."""
        answer: list[dict[str, Any]] = []

        async def keep(message: dict[str, Any]) -> None:
            answer.append(message)

        await self._rest(scope, receive, keep)
        headers = answer[0]["headers"]
        person = dict(headers).get(POLLER, b"")
        answer[0]["headers"] = [header for header in headers if header[0] != POLLER]
        is_held = answer[0]["status"] == 200 and b"sid=" in scope["query_string"]
        if is_held and await self._is_ended(receive, person):
            # As long as the ping that it takes the place of.
            answer[1:] = [{"type": "http.response.body", "body": CLOSE}]
        return answer

    async def _is_ended(self, receive: Receive, person: bytes) -> bool:
        """Wait for the end of all streams, or of this poll; false when the ping is due, or the client has gone."""
        end, polls = asyncio.Event(), self._polls[person]
        polls.append(end)
        if len(polls) > MAX_STREAMS_PER_USER:
            polls[-MAX_STREAMS_PER_USER - 1].set()
        calls = (self._streams.ending.wait(), end.wait(), _disconnect(receive))
        waits = [asyncio.ensure_future(call) for call in calls]
        try:
            await asyncio.wait(waits, timeout=PING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            polls.remove(end)
            if not polls:
                del self._polls[person]
        return self._streams.ending.is_set() or end.is_set()


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


POLLED_PATHS = dict.fromkeys(("/socket.io", "/socket.io/"), HeldPolls)
