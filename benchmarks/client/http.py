"""HTTP/1.1 for a load generator: one keep-alive connection, one request at a time, nothing but asyncio below it."""

import asyncio
import json
import re
from typing import Any, NamedTuple

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


class Answer(NamedTuple):
    status: int
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_refusal(self) -> bool:
        """Certainly not carried out."""
        return 400 <= self.status < 500

    def json(self) -> Any:
        return json.loads(self.body)


class Connection(asyncio.Protocol):
    """A connection that is opened by the first request, and again by the one after it was lost.

    OSError (which TimeoutError is, too): no whole answer came, so whether the request was carried out is unknown.
    """

    def __init__(self, port: int, token: str = "", host: str = "127.0.0.1") -> None:
        self._address = (host, port)
        self._token = token
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._received = b""

    async def open(self) -> "Connection":
        self._received = b""
        transport, _ = await asyncio.get_running_loop().create_connection(lambda: self, *self._address)
        self._transport = transport
        return self

    async def get(self, path: str) -> Answer:
        return await self.request("GET", path)

    async def request(
        self, method: str, path: str, body: bytes | None = None, *, token: str = "", seconds: float | None = None
    ) -> Answer:
        """Send a request with a JSON body, or without one. `token` stands for this request in place of the usual."""
        try:
            async with asyncio.timeout(seconds):
                if self._transport is None:
                    await self.open()
                assert self._transport is not None
                self._answer = asyncio.get_running_loop().create_future()
                self._transport.write(request_head(method, path, token or self._token, body) + (body or b""))
                return await self._answer
        except BaseException:
            self.close()
            raise

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n") + 4
        if end < 4 or self._answer is None or self._answer.done():
            return
        status = int(self._received[9:12])
        if length := LENGTH.search(self._received, 0, end):
            body = self._received[end:] if len(self._received) >= end + int(length[1]) else None
        else:
            chunks, _, is_over = split_chunks(self._received[end:])
            body = b"".join(chunks) if is_over or status == 204 else None
        if body is not None:
            self._answer.set_result(Answer(status, body))
            if CLOSE.search(self._received, 0, end):
                self.close()
            self._received = b""

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the connection was lost"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
            self._transport = None


def request_head(method: str, path: str, token: str, body: bytes | None = None, *extra: str) -> bytes:
    """What is sent before the body, with the empty line."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *extra]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode()


def split_chunks(raw: bytes) -> tuple[list[bytes], bytes, bool]:
    """The chunks that are whole, what is behind them, and whether the last one, which is empty, was among them."""
    start, chunks, is_over = 0, [], False
    while (end := raw.find(b"\r\n", start)) >= 0:
        first = end + 2
        behind = first + int(raw[start:end], 16)
        if len(raw) < behind + 2:
            break
        is_over = behind == first
        chunks.append(raw[first:behind])
        start = behind + 2
    return chunks, raw[start:], is_over
