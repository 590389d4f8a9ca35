"""Readers that are the Python client: what it gives out is compared with what its connections were sent."""

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import httpx2
from chatserver_client import AsyncChatClient, ChatError, Event, StreamEnded

from benchmarks.client.event_stream import FRAME_END, PATH, Frame, parse_frame
from benchmarks.torture.context import Context
from benchmarks.torture.readers import MEAN_STAY_SECONDS, Reader
from benchmarks.torture.transcripts import Transcript
from benchmarks.torture.users import User, log_in_again

# So long one client is used, with all its connections.
MEAN_LIFE_SECONDS = 30.0


class PackageReader(Reader):
    """One client at a time."""

    # Whether it reads its stream whenever something comes.
    reads_always = True

    def __init__(self, context: Context, name: str, user: User, absence_seconds: float) -> None:
        super().__init__(context, name, user, absence_seconds)
        # What came, and was not given out yet.
        self._owed: deque[dict[str, Any]] = deque()
        # What the next request has to send as its last id.
        self._resume_at: int | None = None
        # The last token that the client was given.
        self._given: str | None = None

    async def listen(self) -> None:
        life = None if self.is_staying else self.rng.expovariate(1 / MEAN_LIFE_SECONDS)
        self._owed.clear()
        self._resume_at, self._given = self.last, None
        connections = httpx2.AsyncClient(transport=_Connections(self))
        client = AsyncChatClient("http://127.0.0.1", self._token, http=connections)
        with contextlib.suppress(ChatError, StreamEnded, TimeoutError):
            async with asyncio.timeout(life), client:
                await self.follow(client)

    async def follow(self, client: AsyncChatClient) -> None:
        async for event in client.events(self.last):
            self._check(event)

    async def _token(self) -> str:
        """The client asks for another one when the last was refused. OSError where it can't be had now."""
        if self._given is not None:
            await log_in_again(self.user, self._given, self._context.ports[0], self._context.cluster.engines)
        self._given = self.user.token
        return self._given

    def _check(self, event: Event) -> None:
        if event.position is None:
            return  # typing and presence
        owed = self._owed.popleft() if self._owed else {}
        what = owed if event.type == "reset" else owed.get("data")
        if (event.type, event.position, event.data) != (owed.get("type"), owed.get("position"), what):
            self.oracle.violations.add("I4", f"{self.name}: the client gave out {event}, and was sent {owed}")
        self.counts["events given out by the client"] += 1

    # One connection

    def ask(self, sent: str | None) -> tuple[int, Transcript]:
        """The client connects with this last id: the port of a server, and a transcript of what it will say."""
        if self._owed:
            self.oracle.violations.add("I4", f"{self.name}: the client kept {self._owed.popleft()} to itself")
            self._owed.clear()
        if sent != (None if self._resume_at is None else str(self._resume_at)):
            self.oracle.violations.add("I4", f"{self.name}: the client came back with {sent}, not {self._resume_at}")
        self.last = self._resume_at
        return self.begin()

    def open(self, transcript: Transcript) -> None:
        self.counts["streams opened"] += 1
        self.counts["streams resumed"] += self.last is not None
        self.transcript = transcript

    def take(self, transcript: Transcript, frame: Frame) -> None:
        self._take(transcript, frame)
        if frame.position is None or frame.name == "bye" or (frame.name == "hello" and self._resume_at is not None):
            return
        self._resume_at = frame.position
        if frame.data and frame.name != "hello":
            self._owed.append(json.loads(frame.data))

    def close(self, transcript: Transcript) -> None:
        self.transcript = None
        self.oracle.end(transcript)


class _Connections(httpx2.AsyncBaseTransport):
    """The connections of a client, each to any of the servers."""

    def __init__(self, reader: PackageReader) -> None:
        self._reader = reader
        self._connections = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path != PATH:
            request.url = request.url.copy_with(host="127.0.0.1", port=self._reader.any_port())
            return await self._connections.handle_async_request(request)
        port, transcript = self._reader.ask(request.headers.get("Last-Event-ID"))
        request.url = request.url.copy_with(host="127.0.0.1", port=port)
        answer = await self._connections.handle_async_request(request)
        if answer.status_code != 200:
            token = request.headers["Authorization"].removeprefix("Bearer ")
            await self._reader.take_refusal(answer.status_code, port, token, transcript)
            return answer
        return httpx2.Response(200, headers=answer.headers, stream=_Overheard(self._reader, transcript, answer))

    async def aclose(self) -> None:
        await self._connections.aclose()


class _Overheard(httpx2.AsyncByteStream):
    """A stream on its way to the client, cut off now and then."""

    def __init__(self, reader: PackageReader, transcript: Transcript, answer: httpx2.Response) -> None:
        self._reader = reader
        self._transcript = transcript
        self._answer = answer
        self._text = b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        reader = self._reader
        reader.open(self._transcript)
        leaving_at = time.monotonic() + reader.rng.expovariate(1 / MEAN_STAY_SECONDS)
        async for piece in self._answer.aiter_raw():
            if not reader.may_read.is_set():
                self._transcript.stalled_until = float("inf")
                await reader.may_read.wait()
                self._transcript.stalled_until = time.monotonic() + 1
            *frames, self._text = (self._text + piece).split(FRAME_END)
            for frame in frames:
                reader.take(self._transcript, parse_frame(frame))
            if not reader.reads_always:
                self._transcript.stalled_until = float("inf")
            yield piece
            if not reader.reads_always:
                self._transcript.stalled_until = time.monotonic() + 1
            if time.monotonic() > leaving_at and not reader.is_staying:
                reader.counts["streams left"] += 1
                raise httpx2.ReadError("cut off by the checker")

    async def aclose(self) -> None:
        self._reader.close(self._transcript)
        await self._answer.aclose()
