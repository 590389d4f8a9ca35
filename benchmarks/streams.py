"""Many event streams in one process, each of which checks every event: no gap, no repeat, the right order."""

import asyncio
import re
import time
from functools import partial
from typing import cast

# A message's text is the second at which its POST began, so that each arrival tells its own latency.
EVENT = re.compile(rb'"position":(\d+),"type":"message\.created".*?"seq":(\d+).*?"message":"([0-9.]+)"')


class Stream(asyncio.Protocol):
    """Counts and checks the messages of one room."""

    def __init__(self, listeners: "Listeners", token: str) -> None:
        self._listeners = listeners
        self._token = token
        self._rest = b""
        self.seq: int | None = None
        self.is_live = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        request = f"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._token}\r\n\r\n"
        cast(asyncio.Transport, transport).write(request.encode())

    def data_received(self, data: bytes) -> None:
        now = time.time()
        data = self._rest + data
        end = data.rfind(b"\n\n") + 2
        if end == 1:
            self._rest = data
            return
        self._rest = data[end:]
        if not self.is_live.done() and b"event: hello" in data:
            self.is_live.set_result(None)
        for _, seq, began in EVENT.findall(data, 0, end):
            number = int(seq)
            if self.seq is not None and number != self.seq + 1:
                self._listeners.faults.append(f"seq {number} behind {self.seq}")
            self.seq = number
            self._listeners.latencies.append(now - float(began))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._listeners.is_closing:
            self._listeners.faults.append("a stream was closed")


class Listeners:
    """So many streams, and what they saw. Latencies are in seconds."""

    def __init__(self, port: int, tokens: list[str]) -> None:
        self._port = port
        self._tokens = tokens
        self.latencies: list[float] = []
        self.faults: list[str] = []
        self.is_closing = False
        self._streams: list[Stream] = []
        self._transports: list[asyncio.BaseTransport] = []

    async def open(self) -> None:
        """Open them all and wait until each has said hello."""
        loop = asyncio.get_running_loop()
        for token in self._tokens:
            transport, stream = await loop.create_connection(partial(Stream, self, token), "127.0.0.1", self._port)
            self._streams.append(stream)
            self._transports.append(transport)
        async with asyncio.timeout(60):
            await asyncio.gather(*(stream.is_live for stream in self._streams))

    async def settle(self, expected: int, seconds: float) -> int:
        """Wait until so many events have arrived in all, within a limit; how many did."""
        deadline = time.monotonic() + seconds
        while len(self.latencies) < expected and time.monotonic() < deadline:  # noqa: ASYNC110 - nothing to slow down
            await asyncio.sleep(0.02)
        return len(self.latencies)

    def close(self) -> None:
        self.is_closing = True
        for transport in self._transports:
            transport.close()
