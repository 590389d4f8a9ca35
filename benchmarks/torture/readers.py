"""Readers: clients of the stream that come, go, fall silent and come back with their last id."""

import asyncio
import contextlib
import json
import socket
import zlib

from benchmarks.torture.context import Scene
from benchmarks.torture.http import Broken, read_head, request_head
from benchmarks.torture.sse import Chunks, Frame, Frames, NotSse
from benchmarks.torture.transcripts import Visit
from benchmarks.torture.users import Person, log_in_again

READ_BYTES = 64 * 1024
RECEIVE_BUFFER = 32 * 1024
ANSWER_SECONDS = 10.0
# A stream without a word for longer than two heartbeats is given up, as a client behind a bad network would.
SILENT_SECONDS = 32.0
MEAN_STAY_SECONDS = 8.0
LONGEST_PAUSE_SECONDS = 1.5


class Reader:
    """One person with one stream at a time."""

    def __init__(self, scene: Scene, name: str, person: Person, absence_seconds: float) -> None:
        self.name = name
        self.person = person
        self.last: int | None = None
        self.visit: Visit | None = None
        # Set: it is there, and stays as long as it is let.
        self._is_staying = asyncio.Event()
        self._scene = scene
        self._oracle = scene.oracle
        self._counts = scene.counts
        self._rng = scene.chance_of(name)
        self._absence_seconds = absence_seconds
        self._comparison = scene.oracle.comparison_of(person.user_id)
        self._may_read = asyncio.Event()
        self._may_read.set()

    @property
    def upto(self) -> int:
        return self.last or 0

    def stall(self) -> None:
        """Stop reading, and keep the connection."""
        self._may_read.clear()

    def go_on(self) -> None:
        self._may_read.set()

    def stay(self) -> None:
        """Read, and leave no more of oneself."""
        self.go_on()
        self._is_staying.set()

    async def run(self) -> None:
        while True:
            try:
                await self._visit()
            except (Broken, OSError, TimeoutError):
                self._counts["connections refused or broken"] += 1
            await self._pause()

    async def _pause(self) -> None:
        seconds = self._rng.uniform(0.05, LONGEST_PAUSE_SECONDS)
        if not self._is_staying.is_set():
            chance = self._rng.random()
            if chance < 0.04:
                seconds = self._rng.uniform(seconds, self._absence_seconds)
            elif chance < 0.07:
                self.last = None
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_staying.wait(), seconds)
        else:
            await asyncio.sleep(seconds)

    async def _visit(self) -> None:
        server = self._rng.randrange(len(self._scene.ports))
        port = self._scene.ports[server]
        token, credential = self.person.token, self.person.credential
        visit = self._oracle.visit_of(self.name, server, credential, self.last)
        reader, writer = await self._connect(port)
        try:
            await self._request(writer, token)
            async with asyncio.timeout(ANSWER_SECONDS):
                head = await read_head(reader)
            if head.status == 401:
                await log_in_again(self.person, token, port, self._scene.cluster.engines)
                return
            if head.status != 200:
                self._counts[f"streams answered {head.status}"] += 1
                if head.status <= 500:  # above, the server is away for a while, and says so
                    self._oracle.findings.add("I4", f"{visit} was answered {head.status}")
                return
            self._counts["streams opened"] += 1
            self._counts["streams resumed"] += self.last is not None
            self.visit = visit
            self._comparison.visits.append(visit)
            await self._listen(reader, visit, head.is_chunked)
        finally:
            self.visit = None
            visit.end()
            self._oracle.check_end(visit)
            if self._rng.random() < 0.5:
                writer.transport.abort()
            writer.close()

    async def _connect(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        sock.setblocking(False)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
            return await asyncio.open_connection(sock=sock, limit=READ_BYTES)
        except BaseException:
            sock.close()
            raise

    async def _request(self, writer: asyncio.StreamWriter, token: str) -> None:
        path, extra = "/api/v1/stream", []
        if self.last is not None and self._rng.random() < 0.5:
            path += f"?last_event_id={self.last}"
        elif self.last is not None:
            extra.append(f"Last-Event-ID: {self.last}")
        writer.write(request_head("GET", path, token, *extra))
        await writer.drain()

    async def _listen(self, reader: asyncio.StreamReader, visit: Visit, is_chunked: bool) -> None:
        chunks, frames = Chunks(), Frames()
        leaving_at = asyncio.get_running_loop().time() + self._rng.expovariate(1 / MEAN_STAY_SECONDS)
        while True:
            if not self._may_read.is_set():
                visit.stalled_until = float("inf")
                await self._may_read.wait()
                visit.stalled_until = asyncio.get_running_loop().time() + 1
            if self._is_staying.is_set():
                leaving_at = float("inf")
            seconds = min(SILENT_SECONDS, leaving_at - asyncio.get_running_loop().time())
            try:
                async with asyncio.timeout(max(0.0, seconds)):
                    data = await reader.read(READ_BYTES)
            except TimeoutError:
                self._counts["streams left"] += 1
                return
            try:
                for frame in frames.feed(chunks.feed(data) if is_chunked else data):
                    self._take(visit, frame)
            except (NotSse, ValueError) as error:
                self._oracle.findings.add("I4", f"{visit} got what is no event stream: {error!r}")
                return
            if not data or chunks.is_over:
                return

    def _take(self, visit: Visit, frame: Frame) -> None:
        if visit.start is None:
            self._greet(visit, frame)
        elif frame.name == "reset":
            facts = json.loads(frame.data)
            self._counts[f"resets: {facts['reason']}"] += 1
            self._oracle.was_reset(visit, facts["reason"], facts["position"])
        elif frame.name == "bye":
            reason = json.loads(frame.data)["reason"]
            self._counts[f"bye: {reason}"] += 1
            self._oracle.was_sent_away(visit, reason)
        elif frame.position is None:
            return  # typing, presence, and what only tells when to come back
        elif frame.data:
            self._counts["events"] += 1
            if self._oracle.arrived(visit, frame.position, zlib.crc32(frame.data)):
                self._scene.tail.ring()
        else:
            self._oracle.moved(visit, frame.position)
        if visit.start is not None:
            self.last = visit.upto

    def _greet(self, visit: Visit, frame: Frame) -> None:
        if frame.name != "hello" or frame.position is None:
            self._oracle.findings.add("I4", f"{visit} began with {frame}")
            return
        facts = json.loads(frame.data)
        if facts["user_id"] != self.person.user_id or facts["position"] != frame.position:
            self._oracle.findings.add("I4", f"{visit} was greeted with {facts}")
        if facts["resumed"] and frame.position != visit.last:
            self._oracle.findings.add("I4", f"{visit} was resumed from {frame.position}")
        self._oracle.begun(visit, frame.position, is_resumed=facts["resumed"])


async def stop(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for their end."""
    for task in tasks:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
