"""The load: streams in General that come, go and come back, and posts beside them."""

import asyncio
import json
import random
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field

# How long a stream stays.
STAY_SECONDS = (1.0, 15.0)
# A post that is not answered for so long never will be.
SILENT_SECONDS = 60.0


@dataclass
class Tally:
    """What came of the load, of all its parts together."""

    posts: int = 0
    refused: int = 0
    heard: int = 0
    connections: int = 0
    resets: int = 0
    faults: list[str] = field(default_factory=list)


class Listener:
    """One stream in General that goes and comes back. What it hears must be the next message."""

    def __init__(self, port: int, token: str, tally: Tally, dice: random.Random) -> None:
        self._port = port
        self._token = token
        self._tally = tally
        self._dice = dice
        self._last_id = ""
        self._seq: int | None = None

    async def run(self, until: float) -> None:
        while time.monotonic() < until:
            stay = min(time.monotonic() + self._dice.uniform(*STAY_SECONDS), until)
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
            self._tally.connections += 1
            resume = f"Last-Event-ID: {self._last_id}\r\n" if self._last_id else ""
            # HTTP/1.0, so that the answer comes without chunks.
            head = (
                f"GET /api/v1/stream HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._token}\r\n{resume}\r\n"
            )
            writer.write(head.encode())
            with suppress(TimeoutError, OSError):
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + stay - time.monotonic()):
                    await self._read(reader)
            if self._dice.random() < 0.5:
                writer.transport.abort()
            else:
                writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        event, last_id, data = "", self._last_id, b""
        while line := await reader.readline():
            text = line.rstrip(b"\r\n")
            if text.startswith(b"id: "):
                last_id = text[4:].decode()
            elif text.startswith(b"event: "):
                event = text[7:].decode()
            elif text.startswith(b"data: "):
                data = text[6:]
            elif text == b"" and (data or last_id != self._last_id):
                self._last_id = last_id
                self._take(event, data)
                event, data = "", b""

    def _take(self, event: str, data: bytes) -> None:
        if event == "reset":
            self._tally.resets += 1
            self._seq = None
        elif event == "message.created":
            seq = json.loads(data)["data"]["seq"]
            if self._seq is not None and seq != self._seq + 1:
                self._tally.faults.append(f"a stream heard {seq} after {self._seq}")
            self._seq = seq
            self._tally.heard += 1


async def post(port: int, token: str, rate: float, tally: Tally, until: float) -> None:
    """Post to General, so many times a second, over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b'{"room_id":0,"message":"soak"}'
    head = f"POST /api/v1/chats/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    request = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    at = time.monotonic()
    while (now := time.monotonic()) < until:
        await asyncio.sleep(max(0.0, at - now))
        at = max(at + 1 / rate, now)
        writer.write(request)
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SILENT_SECONDS)
        length = re.search(rb"content-length: (\d+)", answer, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
        tally.posts += 1
        tally.refused += b" 201 " not in answer[:16]
    writer.close()
