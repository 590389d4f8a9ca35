"""Server-sent events: from the bytes of an HTTP answer to frames, and one open stream."""

import asyncio
import socket
from typing import NamedTuple

from benchmarks.client.http import request_head, split_chunks

FRAME_END = b"\n\n"
READ_BYTES = 64 * 1024
PATH = "/api/v1/stream"


class Frame(NamedTuple):
    """`position` is None where the frame has no id that is a number; a heartbeat has neither `name` nor `data`.

    Earlier versions sent it so; now it comes under a name.
    """

    position: int | None
    name: str
    data: bytes


def parse_frame(text: bytes) -> Frame:
    """ValueError for a field that no browser knows."""
    position, name, data = None, "", b""
    for line in text.split(b"\n"):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data += value
        elif field == b"event":
            name = value.decode()
        elif field == b"id":
            position = int(value) if value.isdigit() else None
        elif field not in {b"retry", b""}:  # b"": a comment
            raise ValueError(f"no field of an event stream: {line[:200]!r}")
    return Frame(position, "", b"") if name == "heartbeat" else Frame(position, name, data)


class FrameReader:
    """Takes an HTTP/1.1 answer apart, chunked or not, into pieces of the event stream: one frame or several each."""

    def __init__(self) -> None:
        self.status = 0
        # The answer has ended by its last chunk; the connection may be open still.
        self.is_over = False
        self._is_chunked = False
        self._raw = b""
        self._text = b""

    @property
    def is_clean(self) -> bool:
        """Whether no incomplete frame waits, so that the next bytes stand for themselves."""
        return self.status != 0 and not self._raw and not self._text

    def feed(self, data: bytes) -> list[bytes]:
        """The pieces that are complete now. A chunk that holds whole frames is one piece."""
        self._raw += data
        if not self.status and not self._take_head():
            return []
        if self._is_chunked:
            texts, self._raw, self.is_over = split_chunks(self._raw)
        else:
            texts, self._raw = [self._raw], b""
        return self._pieces_of(texts)

    def feed_end(self) -> list[bytes]:
        """The connection is gone: the frames that are whole in a chunk that broke off, as a browser would take them."""
        _, separator, data = self._raw.partition(b"\r\n")
        return self._pieces_of([data]) if self._is_chunked and separator else []

    def _take_head(self) -> bool:
        head, separator, rest = self._raw.partition(b"\r\n\r\n")
        if not separator:
            return False
        self.status = int(head[9:12])
        self._is_chunked = b"transfer-encoding: chunked" in head.lower()
        self._raw = rest
        return True

    def _pieces_of(self, texts: list[bytes]) -> list[bytes]:
        pieces = []
        for text in texts:
            whole, separator, self._text = (self._text + text).rpartition(FRAME_END)
            if separator:
                pieces.append(whole + separator)
        return pieces


def frames_of(piece: bytes) -> list[bytes]:
    """The texts of the frames in a piece that a reader gave."""
    return piece.split(FRAME_END)[:-1]


class EventStream:
    """One open stream. `status` is that of the answer: 200, or there is nothing to read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._frames = FrameReader()
        self._pieces: list[bytes] = []
        self.is_over = False

    @property
    def status(self) -> int:
        return self._frames.status

    async def read(self) -> list[Frame]:
        """The next frames, which may be none; `is_over` is true with the last ones. ValueError for what is none."""
        if not self._pieces:
            await self.receive()
        pieces, self._pieces = self._pieces, []
        return [parse_frame(text) for piece in pieces for text in frames_of(piece)]

    async def receive(self) -> None:
        try:
            data = await self._reader.read(READ_BYTES)
        except OSError:  # reset: an end like any other
            data = b""
        self._pieces += self._frames.feed(data) if data else self._frames.feed_end()
        self.is_over = not data or self._frames.is_over

    def close(self, *, is_abrupt: bool = False) -> None:
        """Close the connection, in an orderly way or with a reset."""
        if is_abrupt:
            self._writer.transport.abort()
        self._writer.close()


async def open_stream(
    port: int, token: str, last_id: int | None = None, *, seconds: float, path: str = PATH, receive_buffer: int = 0
) -> EventStream:
    """Open a stream, and wait for the head of its answer. OSError where none comes, or not in time.

    `receive_buffer` in bytes: a small one lets the server feel soon that the client does not read.
    """
    extra = () if last_id is None else (f"Last-Event-ID: {last_id}",)
    sock = socket.socket()
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.setblocking(False)
    try:
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
            reader, writer = await asyncio.open_connection(sock=sock, limit=READ_BYTES)
            stream = EventStream(reader, writer)
            writer.write(request_head("GET", path, token, None, "Accept: text/event-stream", *extra))
            while not stream.status and not stream.is_over:
                await stream.receive()
    except BaseException:
        sock.close()
        raise
    if not stream.status:
        stream.close()
        raise ConnectionError("the stream ended before its head came")
    return stream
