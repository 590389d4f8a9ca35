"""The smallest HTTP/1.1 that a load generator needs: one keep-alive connection, one request at a time."""

import asyncio
import re
from typing import cast

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def whole_body(chunks: bytes) -> bytes | None:
    """The body of an answer in chunks, as peers send it; None while the last one is not there."""
    if not chunks.endswith(b"0\r\n\r\n"):
        return None
    body, start = b"", 0
    while size := int(chunks[start : (end := chunks.index(b"\r\n", start))], 16):
        body += chunks[end + 2 : end + 2 + size]
        start = end + 4 + size
    return body


class Connection(asyncio.Protocol):
    """A keep-alive connection with one bearer token (or none: ""). ConnectionError when it is lost under a request.

    Between requests a server may close it: then the next one opens it again.
    """

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        who = f"Authorization: Bearer {token}\r\n" if token else ""
        self._fields = f" HTTP/1.1\r\nHost: 127.0.0.1\r\n{who}".encode()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._raw = b""
        self._is_lost = False
        # Which of the clients this is, and how many numbered messages it has sent.
        self.number = 0
        self.sent = 0

    @classmethod
    async def open(cls, port: int, token: str) -> "Connection":
        made = cls(port, token)
        await made._connect()
        return made

    async def _connect(self) -> None:
        self._is_lost, self._raw = False, b""
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._raw += data
        end = self._raw.find(b"\r\n\r\n") + 4
        if end < 4 or self._answer is None or self._answer.done():
            return
        length = LENGTH.search(self._raw, 0, end)
        if length is None:
            body = whole_body(self._raw[end:])
        else:
            body = self._raw[end:] if len(self._raw) >= end + int(length[1]) else None
        if body is not None:
            self._answer.set_result((int(self._raw[9:12]), body))
            self._raw = b""

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the connection was lost"))

    async def get(self, path: str) -> tuple[int, bytes]:
        """The status and the answer's body."""
        return await self._ask(b"GET " + path.encode() + self._fields + b"\r\n")

    async def send(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Send a JSON body; the status and the answer's body."""
        head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return await self._ask(f"{method} {path}".encode() + self._fields + head.encode() + body)

    async def _ask(self, request: bytes) -> tuple[int, bytes]:
        if self._is_lost:
            await self._connect()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        self._transport.close()
