"""The smallest HTTP/1.1 that a client needs which expects anything to break at any time."""

import asyncio
import contextlib
import json
from typing import Any, NamedTuple

LARGEST_HEAD = 64 * 1024


class Broken(Exception):
    """The answer did not come, or not whole: whether the request was carried out is unknown."""


class Answer(NamedTuple):
    status: int
    body: Any

    @property
    def is_done(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_refused(self) -> bool:
        """Definitely not carried out."""
        return 400 <= self.status < 500


class Head(NamedTuple):
    status: int
    headers: dict[bytes, bytes]

    @property
    def is_chunked(self) -> bool:
        return b"chunked" in self.headers.get(b"transfer-encoding", b"")


def request_head(method: str, path: str, token: str, *extra: str, length: int | None = None) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *extra]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if length is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode()


async def read_head(reader: asyncio.StreamReader) -> Head:
    """The status line and the headers. Broken where they don't come whole."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise Broken(str(error)) from error
    lines = head[:-4].split(b"\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines[1:])}
    return Head(int(lines[0][9:12]), headers)


async def read_body(reader: asyncio.StreamReader, head: Head) -> bytes:
    """The body of an answer that ends."""
    try:
        if not head.is_chunked:
            return await reader.readexactly(int(head.headers.get(b"content-length", b"0")))
        body = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
        raise Broken(str(error)) from error
    return body


class Connection:
    """A keep-alive connection to one server. After anything went wrong the next request opens a new one."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._address = (host, port)
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, token: str, body: Any = None, seconds: float = 10.0) -> Answer:
        """Send a request and read its answer. Broken where it is unknown what became of it."""
        data = b"" if body is None else json.dumps(body).encode()
        length = None if body is None and method != "POST" else len(data)
        try:
            async with asyncio.timeout(seconds):
                if self._ends is None:
                    self._ends = await asyncio.open_connection(*self._address, limit=LARGEST_HEAD)
                reader, writer = self._ends
                writer.write(request_head(method, path, token, length=length) + data)
                head = await read_head(reader)
                answer = await read_body(reader, head) if head.status != 204 else b""
        except (OSError, TimeoutError, Broken) as error:
            self.close()
            raise Broken(repr(error)) from error
        except asyncio.CancelledError:
            self.close()
            raise
        if head.headers.get(b"connection", b"").lower() == b"close":
            self.close()
        return Answer(head.status, json.loads(answer) if answer[:1] in (b"{", b"[") else None)

    def close(self) -> None:
        if self._ends is not None:
            with contextlib.suppress(OSError):
                self._ends[1].transport.abort()
            self._ends = None
