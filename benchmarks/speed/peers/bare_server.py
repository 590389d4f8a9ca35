"""A program: a bare server that pushes what is posted to it to all streams, and knows nothing else.

Each stream gets it in one write, as an event in a chunk, as the service would send it.
"""

import asyncio
import sys
from typing import ClassVar, cast

import uvloop

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
CREATED = b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"


class Server(asyncio.Protocol):
    """A connection: a stream if it begins with GET, else one that posts."""

    streams: ClassVar[set[asyncio.Transport]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._raw = b""

    def data_received(self, data: bytes) -> None:
        self._raw += data
        head, separator, body = self._raw.partition(b"\r\n\r\n")
        if not separator:
            return
        if head.startswith(b"GET"):
            self._raw = b""
            self._transport.write(HEAD)
            self.streams.add(self._transport)
            return
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        if len(body) >= length:
            self._raw = b""
            self._transport.write(CREATED)
            self._push(body)

    def _push(self, body: bytes) -> None:
        frame = b"id: 0\nevent: message.created\ndata: %s\n\n" % body
        chunk = b"%x\r\n%s\r\n" % (len(frame), frame)
        for stream in self.streams:
            stream.write(chunk)

    def connection_lost(self, exc: Exception | None) -> None:
        self.streams.discard(self._transport)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
