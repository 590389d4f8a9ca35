"""Readers: clients of the stream that come, go, stop reading and come back with their last id."""

import asyncio
import contextlib
import json
import time
import zlib

from benchmarks.client.event_stream import PATH, EventStream, Frame, open_stream
from benchmarks.torture.context import Context
from benchmarks.torture.transcripts import BYE, EVENT, HEARTBEAT, RESET, Transcript
from benchmarks.torture.users import User, log_in_again

RECEIVE_BUFFER = 32 * 1024
ANSWER_SECONDS = 10.0
# A stream without a word for longer than two heartbeats is given up, as a client behind a bad network would.
SILENT_SECONDS = 32.0
MEAN_STAY_SECONDS = 8.0
LONGEST_PAUSE_SECONDS = 1.5


class Reader:
    """One user with one stream at a time."""

    def __init__(self, context: Context, name: str, user: User, absence_seconds: float) -> None:
        self.name = name
        self.user = user
        self.last: int | None = None
        # Of the open stream.
        self.transcript: Transcript | None = None
        self._is_staying = asyncio.Event()
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._context = context
        self._oracle = context.oracle
        self._counts = context.counts
        self._rng = context.rng_of(name)
        self._absence_seconds = absence_seconds

    @property
    def upto(self) -> int:
        return self.last or 0

    def stall(self) -> None:
        """Stop reading, and keep the connection."""
        self._may_read.clear()

    def resume_reading(self) -> None:
        self._may_read.set()

    def stay(self) -> None:
        """Read, and never leave again."""
        self.resume_reading()
        self._is_staying.set()

    async def run(self) -> None:
        while True:
            try:
                await self._open()
            except OSError:
                self._counts["connections refused or broken"] += 1
            await self._pause()

    async def _pause(self) -> None:
        seconds = self._rng.uniform(0.05, LONGEST_PAUSE_SECONDS)
        if self._is_staying.is_set():
            await asyncio.sleep(seconds)
            return
        chance = self._rng.random()
        if chance < 0.04:
            seconds = self._rng.uniform(seconds, self._absence_seconds)
        elif chance < 0.07:
            self.last = None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_staying.wait(), seconds)

    async def _open(self) -> None:
        server = self._rng.randrange(len(self._context.ports))
        port, token = self._context.ports[server], self.user.token
        transcript = self._oracle.transcript(self.name, self.user.user_id, server, self.user.credential, self.last)
        path, last = PATH, self.last
        if last is not None and self._rng.random() < 0.5:
            path, last = f"{PATH}?last_event_id={last}", None
        stream = await open_stream(port, token, last, seconds=ANSWER_SECONDS, path=path, receive_buffer=RECEIVE_BUFFER)
        try:
            if stream.status == 401:
                await log_in_again(self.user, token, port, self._context.cluster.engines)
            elif stream.status != 200:
                self._counts[f"streams answered {stream.status}"] += 1
                if stream.status <= 500:  # above, the server is away for a while, and says so
                    self._oracle.violations.add("I4", f"{transcript} was answered {stream.status}")
            else:
                self._counts["streams opened"] += 1
                self._counts["streams resumed"] += self.last is not None
                self.transcript = transcript
                await self._listen(stream, transcript)
        finally:
            self.transcript = None
            self._oracle.end(transcript)
            stream.close(is_abrupt=self._rng.random() < 0.5)

    async def _listen(self, stream: EventStream, transcript: Transcript) -> None:
        leaving_at = time.monotonic() + self._rng.expovariate(1 / MEAN_STAY_SECONDS)
        while not stream.is_over:
            if not self._may_read.is_set():
                transcript.stalled_until = float("inf")
                await self._may_read.wait()
                transcript.stalled_until = time.monotonic() + 1
            if self._is_staying.is_set():
                leaving_at = float("inf")
            try:
                async with asyncio.timeout(max(0.0, min(SILENT_SECONDS, leaving_at - time.monotonic()))):
                    frames = await stream.read()
            except TimeoutError:
                self._counts["streams left"] += 1
                return
            except ValueError as error:
                self._oracle.violations.add("I4", f"{transcript} got what is no event stream: {error!r}")
                return
            for frame in frames:
                self._take(transcript, frame)

    def _take(self, transcript: Transcript, frame: Frame) -> None:
        if transcript.start is None:
            self._take_hello(transcript, frame)
        elif frame.name == "reset":
            facts = json.loads(frame.data)
            self._counts[f"resets: {facts['reason']}"] += 1
            transcript.add(RESET, facts["position"], reason=facts["reason"])
        elif frame.name == "bye":
            reason = json.loads(frame.data)["reason"]
            self._counts[f"bye: {reason}"] += 1
            transcript.add(BYE, transcript.upto, reason=reason)
        elif frame.position is None:
            return  # typing, presence, and what only tells when to come back
        elif frame.data:
            self._counts["events"] += 1
            transcript.add(EVENT, frame.position, digest=zlib.crc32(frame.data))
        else:
            transcript.add(HEARTBEAT, frame.position)
        if transcript.start is not None:
            self.last = transcript.upto

    def _take_hello(self, transcript: Transcript, frame: Frame) -> None:
        if frame.name != "hello" or frame.position is None:
            self._oracle.violations.add("I4", f"{transcript} began with {frame}")
            return
        facts = json.loads(frame.data)
        if facts["user_id"] != self.user.user_id or facts["position"] != frame.position:
            self._oracle.violations.add("I4", f"{transcript} was greeted with {facts}")
        if facts["resumed"] and frame.position != transcript.last:
            self._oracle.violations.add("I4", f"{transcript} was resumed from {frame.position}")
        transcript.begin(frame.position, is_resumed=facts["resumed"])
