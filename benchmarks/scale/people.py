"""Readers and a writer of General, who note every gap, every repeat and everything that was answered and not told."""

import asyncio
import contextlib
import json
import random
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

CONNECT_SECONDS = 5.0
# A heartbeat comes each 15 s. Who hears nothing for longer takes the stream for dead.
SILENCE_SECONDS = 20.0
RETRY_SECONDS = 0.5
# How long a post may take before it is sent again, with the same client_message_id.
POST_SECONDS = 5.0


async def _ask(url: str, head: str, body: bytes = b"") -> tuple[int, asyncio.StreamReader, asyncio.StreamWriter]:
    """Send a request as HTTP/1.0, whose answers need no decoding. Returns the status, and the rest to read."""
    parts = urlsplit(url)
    async with asyncio.timeout(CONNECT_SECONDS):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**20)
    try:
        writer.write(head.encode() + body)
        async with asyncio.timeout(SILENCE_SECONDS):
            status = int((await reader.readline()).split()[1])
            while (await reader.readline()).strip():
                pass
    except (IndexError, ValueError) as error:
        writer.close()
        raise ConnectionError("no answer") from error
    except BaseException:
        writer.close()
        raise
    return status, reader, writer


class Reader:
    """Listens to General for as long as it lives, and comes back with its last id whenever the stream ends."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self.last_id = ""
        self.last_seq: int | None = None
        self.heard: dict[int, float] = {}
        self.faults: list[str] = []
        self.resets: list[str] = []
        self.returns = -1
        self.typing = 0

    async def run(self) -> None:
        while True:
            self.returns += 1
            with contextlib.suppress(OSError, TimeoutError):
                await self._listen()
            await asyncio.sleep(RETRY_SECONDS * (0.5 + random.random()))  # noqa: S311 - a spread

    async def _listen(self) -> None:
        resume = f"Last-Event-ID: {self.last_id}\r\n" if self.last_id else ""
        status, reader, writer = await _ask(self._url, self._head("/api/v1/stream", resume))
        try:
            if status != 200:
                return
            async for event_id, name, data in _events(reader):
                if name:
                    self._note(name, json.loads(data))
                if event_id:
                    self.last_id = event_id
                if name == "reset":
                    await self._fetch_afresh()
                if name == "bye":
                    return
        finally:
            writer.close()

    def _head(self, path: str, headers: str = "") -> str:
        host = urlsplit(self._url).netloc
        return f"GET {path} HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {self._token}\r\n{headers}\r\n"

    async def _fetch_afresh(self) -> None:
        """What a reset asks for: the newest page of the room."""
        status, reader, writer = await _ask(self._url, self._head("/api/v1/rooms/0/messages/?limit=100"))
        try:
            page = json.loads(await reader.read()) if status == 200 else {"results": []}
        finally:
            writer.close()
        for message in page["results"]:
            self.heard.setdefault(message["id"], time.time())

    def _note(self, name: str, data: Any) -> None:
        if name == "reset":
            self.resets.append(data["reason"])
            self.last_seq = None
        elif name == "hello" and self.last_id and not data["resumed"]:
            self.last_seq = None  # a reset follows, or there was nothing to resume from
        elif name == "typing.started":
            self.typing += 1
        elif name == "message.created" and data["room_id"] == 0:
            message = data["data"]
            if self.last_seq is not None and message["seq"] != self.last_seq + 1:
                self.faults.append(f"seq {message['seq']} after {self.last_seq}")
            self.last_seq = message["seq"]
            self.heard[message["id"]] = time.time()


async def _events(reader: asyncio.StreamReader) -> AsyncIterator[tuple[str, str, str]]:
    """(id, name, data) of each event; of a heartbeat the id alone."""
    fields: dict[str, str] = {}
    while True:
        async with asyncio.timeout(SILENCE_SECONDS):
            line = (await reader.readline()).decode()
        if not line.endswith("\n"):
            return
        if line == "\n":
            yield fields.get("id", ""), fields.get("event", ""), fields.get("data", "")
            fields = {}
        else:
            name, _, value = line.rstrip("\n").partition(": ")
            fields[name] = value


class Writer:
    """Posts to General at a steady pace. What gets no 2xx is sent again with the same client_message_id."""

    def __init__(self, url: str, token: str, rate: float) -> None:
        self._url = url
        self.token = token
        self._pause = 1 / rate
        self.acknowledged: dict[int, float] = {}
        self.attempts: dict[str, int] = {}
        self.took: list[float] = []

    async def run(self) -> None:
        number = 0
        while True:
            await asyncio.gather(self._send(f"message {number}"), asyncio.sleep(self._pause))
            number += 1

    async def _send(self, text: str) -> None:
        wanted = {"room_id": 0, "message": text, "client_message_id": uuid.uuid4().hex}
        began = time.monotonic()
        while True:
            try:
                async with asyncio.timeout(POST_SECONDS):
                    outcome, message_id = await self._post(json.dumps(wanted).encode())
            except (OSError, TimeoutError) as error:
                outcome, message_id = type(error).__name__, 0
            self.attempts[outcome] = self.attempts.get(outcome, 0) + 1
            if message_id:
                self.acknowledged[message_id] = time.time()
                self.took.append(time.monotonic() - began)
                return
            await asyncio.sleep(0.1)

    async def _post(self, body: bytes) -> tuple[str, int]:
        head = (
            f"POST /api/v1/chats/ HTTP/1.0\r\nHost: {urlsplit(self._url).netloc}\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        status, reader, writer = await _ask(self._url, head, body)
        try:
            answer = await reader.read()
        finally:
            writer.close()
        return str(status), json.loads(answer)["id"] if status in {200, 201} else 0
