"""Clients of General: readers, who check that each message comes once and in order, and writers."""

import asyncio
import contextlib
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

from benchmarks.client.event_stream import EventStream, Frame, open_stream
from benchmarks.client.http import Connection

ANSWER_SECONDS = 5.0
# A heartbeat comes each 15 s. A stream without a word for longer is taken for dead.
SILENCE_SECONDS = 20.0
RETRY_SECONDS = 0.5
NEWEST = "/api/v1/rooms/0/messages/?limit=1"


class Reader:
    """Listens to General, and comes back with its last id whenever its stream ends.

    `stay_seconds`: how long a stream is kept at least and at most; None: as long as it lasts. `on_message` is called
    with the id of each message.
    """

    def __init__(
        self,
        port: int,
        token: str,
        on_message: Callable[[int], None],
        stay_seconds: tuple[float, float] | None = None,
    ) -> None:
        self._port = port
        self._token = token
        self._stay_seconds = stay_seconds
        self._on_message = on_message
        self._last_id: int | None = None
        # Messages up to here were on the page that was fetched behind a reset, and may come once more.
        self._fetched_seq = 0
        self.last_seq: int | None = None
        self.connections = 0
        self.received = 0
        self.typing = 0
        self.resets: Counter[str] = Counter()
        self.faults: list[str] = []

    @property
    def is_live(self) -> bool:
        return self._last_id is not None

    async def run(self) -> None:
        while True:
            self.connections += 1
            with contextlib.suppress(OSError):
                stream = await open_stream(self._port, self._token, self._last_id, seconds=ANSWER_SECONDS)
                try:
                    if stream.status == 200:
                        await self._listen(stream)
                finally:
                    stream.close(is_abrupt=random.random() < 0.5)  # noqa: S311 - spreads a load, no secret
            await asyncio.sleep(RETRY_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - spreads a load, no secret

    async def _listen(self, stream: EventStream) -> None:
        seconds = random.uniform(*self._stay_seconds) if self._stay_seconds else float("inf")  # noqa: S311 - spreads a load, no secret
        leaving_at = time.monotonic() + seconds
        while not stream.is_over:
            async with asyncio.timeout(min(SILENCE_SECONDS, leaving_at - time.monotonic())):
                frames = await stream.read()
            for frame in frames:
                await self._take(frame)

    async def _take(self, frame: Frame) -> None:
        if frame.name == "reset":
            self.resets[json.loads(frame.data)["reason"]] += 1
            self.last_seq = self._fetched_seq = await self._fetch_newest_seq()
        elif frame.name == "typing.started":
            self.typing += 1
        elif frame.name == "message.created" and (event := json.loads(frame.data))["room_id"] == 0:
            self._take_message(event["data"])
        if frame.position is not None:
            self._last_id = frame.position

    def _take_message(self, message: dict[str, Any]) -> None:
        seq = message["seq"]
        self.received += 1
        self._on_message(message["id"])
        if seq <= self._fetched_seq:
            return
        if self.last_seq is not None and seq != self.last_seq + 1:
            self.faults.append(f"a reader got seq {seq} after {self.last_seq}")
        self.last_seq = seq
        self._fetched_seq = 0

    async def _fetch_newest_seq(self) -> int:
        """What a reset asks for: the state, here that of the room."""
        connection = Connection(self._port, self._token)
        try:
            while True:
                with contextlib.suppress(OSError):
                    answer = await connection.request("GET", NEWEST, seconds=ANSWER_SECONDS)
                    if answer.status == 200:
                        return max((message["seq"] for message in answer.json()["results"]), default=0)
                await asyncio.sleep(RETRY_SECONDS)
        finally:
            connection.close()


class Writer:
    """Posts to General at a steady rate. What gets no 2xx is sent again with the same client_message_id.

    `on_acknowledged` is called with the id and the seq of each message.
    """

    def __init__(
        self,
        port: int,
        token: str,
        rate: float,
        on_acknowledged: Callable[[int, int], None],
    ) -> None:
        self._connection = Connection(port, token)
        self._pause = 1 / rate
        self._on_acknowledged = on_acknowledged
        self.token = token
        # By status, or by the name of the error.
        self.attempts: Counter[str] = Counter()
        self.slowest_seconds = 0.0

    async def run(self) -> None:
        try:
            while True:
                await asyncio.gather(self._send(), asyncio.sleep(self._pause))
        finally:
            self._connection.close()

    async def _send(self) -> None:
        body = json.dumps({"room_id": 0, "message": "hello", "client_message_id": uuid.uuid4().hex}).encode()
        began = time.monotonic()
        while True:
            try:
                answer = await self._connection.request("POST", "/api/v1/chats/", body, seconds=ANSWER_SECONDS)
            except OSError as error:
                self.attempts[type(error).__name__] += 1
            else:
                self.attempts[str(answer.status)] += 1
                if answer.is_success:
                    break
            await asyncio.sleep(0.1)
        self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - began)
        message = answer.json()
        self._on_acknowledged(message["id"], message["seq"])
