"""Holds the answer to a poll of /socket.io/ until a ping is due: a client polls again as soon as it has an answer.

No poll holds a thread. Each takes a place of those that a process has for streams. To a process that drains nobody
connects: a client keeps what it emits until it is connected, and would lose it where the connection ends at once.
"""

import asyncio
import time
from typing import Any

from chats.stream.server import StreamServer
from chatserver.errors import Unavailable
from chatserver.http.asgi_types import Application, Receive, Scope, Send
from chatserver.http.refusals import send_refusal
from chatserver.legacy.socket_io import PING_SECONDS
from chatserver.legacy.stream import legacy_error_body

# Of Engine.IO: the server ends the connection. The client comes back after a moment.
CLOSE = b"1"


class HeldPolls:
    """An ASGI application before `rest`, which answers a poll at once."""

    def __init__(self, rest: Application, streams: StreamServer) -> None:
        self._rest = rest
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            await self._rest(scope, receive, send)
            return
        began = time.perf_counter()
        try:
            with self._streams.place():
                answer = await self._answer(scope, receive)
        except Unavailable as error:
            route = f"{scope['path'].rstrip('/')}/"
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
        is_held = answer[0]["status"] == 200 and b"sid=" in scope["query_string"]
        if is_held and await self._is_ended(receive):
            # As long as the ping that it takes the place of.
            answer[1:] = [{"type": "http.response.body", "body": CLOSE}]
        return answer

    async def _is_ended(self, receive: Receive) -> bool:
        """Wait for the end of all streams; false when the ping is due, or the client has gone."""
        waits = [asyncio.ensure_future(wait) for wait in (self._streams.ending.wait(), _disconnect(receive))]
        try:
            await asyncio.wait(waits, timeout=PING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return self._streams.ending.is_set()


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


POLLED_PATHS = dict.fromkeys(("/socket.io", "/socket.io/"), HeldPolls)
