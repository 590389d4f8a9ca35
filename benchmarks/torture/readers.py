"""Readers: clients of the stream that come, go, stop reading and come back with their last id."""

import asyncio
import contextlib
import json
import time

from benchmarks.client.event_stream import PATH, EventStream, Frame, open_stream
from benchmarks.torture.context import Context
from benchmarks.torture.listeners import Listener
from benchmarks.torture.log import digest_of
from benchmarks.torture.transcripts import BYE, EVENT, HEARTBEAT, Transcript
from benchmarks.torture.users import User

RECEIVE_BUFFER = 32 * 1024
OPEN_ANSWER_SECONDS = 10.0
# A stream without a word for longer than two heartbeats is given up, as a client behind a bad network would.
SILENT_SECONDS = 32.0
MEAN_STAY_SECONDS = 8.0
LONGEST_READER_PAUSE_SECONDS = 1.5


class Reader(Listener):
    """One stream at a time."""

    def __init__(self, context: Context, name: str, user: User, absence_seconds: float) -> None:
        super().__init__(context, name, user)
        # Set: it reads; cleared: it keeps the connection and does not read.
        self.may_read = asyncio.Event()
        self.may_read.set()
        self._is_staying = asyncio.Event()
        self._absence_seconds = absence_seconds

    def stay(self) -> None:
        self.may_read.set()
        self._is_staying.set()

    @property
    def is_staying(self) -> bool:
        """It does not leave any more."""
        return self._is_staying.is_set()

    async def pause(self) -> None:
        seconds = self.rng.uniform(0.05, LONGEST_READER_PAUSE_SECONDS)
        if self.is_staying:
            await asyncio.sleep(seconds)
            return
        chance = self.rng.random()
        if chance < 0.04:
            seconds = self.rng.uniform(seconds, self._absence_seconds)
        elif chance < 0.07:
            self.last = None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_staying.wait(), seconds)

    async def listen(self) -> None:
        token = self.user.token
        port, transcript = self.begin()
        path, last = PATH, self.last
        if last is not None and self.rng.random() < 0.5:
            path, last = f"{PATH}?last_event_id={last}", None
        stream = await open_stream(
            port, token, last, seconds=OPEN_ANSWER_SECONDS, path=path, receive_buffer=RECEIVE_BUFFER
        )
        try:
            if stream.status != 200:
                await self.take_refusal(stream.status, port, token, transcript)
                return
            self.counts["streams opened"] += 1
            self.counts["streams resumed"] += self.last is not None
            self.transcript = transcript
            await self._read(stream, transcript)
        finally:
            self.transcript = None
            self.oracle.end(transcript)
            stream.close(is_abrupt=self.rng.random() < 0.5)

    async def _read(self, stream: EventStream, transcript: Transcript) -> None:
        leaving_at = time.monotonic() + self.rng.expovariate(1 / MEAN_STAY_SECONDS)
        while not stream.is_over:
            if not self.may_read.is_set():
                transcript.stalled_until = float("inf")
                await self.may_read.wait()
                transcript.stalled_until = time.monotonic() + 1
            if self.is_staying:
                leaving_at = float("inf")
            try:
                async with asyncio.timeout(max(0.0, min(SILENT_SECONDS, leaving_at - time.monotonic()))):
                    frames = await stream.read()
            except TimeoutError:
                self.counts["streams left"] += 1
                return
            except ValueError as error:
                self.oracle.violations.add("I4", f"{transcript} got what is no event stream: {error!r}")
                return
            for frame in frames:
                self._take(transcript, frame)

    def _take(self, transcript: Transcript, frame: Frame) -> None:
        if transcript.start is None:
            self._take_hello(transcript, frame)
        elif frame.name == "reset":
            self.add_reset(transcript, json.loads(frame.data))
        elif frame.name == "bye":
            reason = json.loads(frame.data)["reason"]
            self.counts[f"bye: {reason}"] += 1
            transcript.add(BYE, transcript.upto, reason=reason)
        elif frame.position is None:
            return  # typing, presence, and what only tells when to come back
        elif frame.data:
            self.counts["events"] += 1
            self.oracle.check_names(transcript, frame.data)
            transcript.add(EVENT, frame.position, digest=digest_of(frame.data))
        else:
            transcript.add(HEARTBEAT, frame.position)
        if transcript.start is not None:
            self.last = transcript.upto

    def _take_hello(self, transcript: Transcript, frame: Frame) -> None:
        add = self.oracle.violations.add
        if frame.name != "hello" or frame.position is None:
            add("I4", f"{transcript} began with {frame}")
            return
        facts = json.loads(frame.data)
        if facts["user_id"] != self.user.user_id or facts["position"] != frame.position:
            add("I4", f"{transcript} was greeted with {facts}")
        if facts["resumed"] and frame.position != transcript.last:
            add("I4", f"{transcript} was resumed from {frame.position}")
        transcript.begin(frame.position, is_resumed=facts["resumed"])
