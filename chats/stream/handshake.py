"""Streams that open at the same time are looked up together, and what they missed is taken from memory once for all.

What memory lacks (the process has just started) is read from the log once, and kept for the next streams.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from chats.stream import handshake_reads
from chats.stream.handshake_reads import Admission, Asked, Handshake
from chats.stream.hub import Hub
from chats.stream.recent_events import MAX_RECENT_ROWS
from chats.stream.replay import Replay
from chatserver.concurrency.batching import TaskBatcher
from users.credentials.request import credentials_in
from users.stream_authentication import token_hash

# To answer this many takes a few milliseconds of the event loop; other requests get their turn in between.
MAX_TOGETHER = 50
READ_BACK_ROWS = 500

Run = Callable[..., Awaitable[Any]]


class Handshakes:
    """The handshakes of one process. `run` runs a function in a thread."""

    def __init__(self, hub: Hub, run: Run) -> None:
        self._hub = hub
        self._run = run
        self._lookups = TaskBatcher(self._look_up_all, MAX_TOGETHER)
        self._replays = TaskBatcher(self._replay_for, MAX_TOGETHER)

    async def look_up(self, scope: dict[str, Any], ticket: str | None, last: int | None) -> Handshake:
        """Who opens a stream, and what they may hear. Raises Unauthorized, Throttled, and django.db errors."""
        credentials = credentials_in(scope, ticket)
        who = token_hash(credentials)
        if who is None:
            who = await self._run(handshake_reads.admit, credentials)
        return await self._ask(Asked(who, last))

    async def look_up_again(self, found: Handshake, last: int | None) -> Handshake:
        """Look the same caller up again, at the log's present end. Unauthorized if the credential has ended since."""
        return await self._ask(Asked(Admission(found.identity, found.subscriptions.position), last))

    async def _ask(self, asked: Asked) -> Handshake:
        found = await self._lookups.call(asked)
        if asked.last is None or found.subscriptions.reset_reason is not None:
            return found
        replay = await self._replays.call((asked.last, found.subscriptions.position))
        return found._replace(replay=replay) if replay and replay.covers(found.subscriptions, asked.last) else found

    async def _look_up_all(self, asked: Sequence[Asked]) -> Sequence[Handshake | Exception]:
        found: list[Handshake | Exception] = await self._run(handshake_reads.look_up, asked)
        return found

    async def _replay_for(self, spans: Sequence[tuple[int, int]]) -> list[Replay | None]:
        """The rows between these positions, from memory, in one Replay for all. None where they are too far back."""
        near = [(first, last) for first, last in spans if first > last - MAX_RECENT_ROWS]
        if not near:
            return [None] * len(spans)
        await self._hub.reach(max(last for _, last in near))
        first = min(first for first, _ in near)
        await self._read_back(first)
        first = max(first, self._start)
        return [Replay(first, self._hub.position, self._hub.recent.after(first) or [])] * len(spans)

    @property
    def _start(self) -> int:
        """The position after which memory has everything."""
        first = self._hub.recent.first
        return self._hub.position if first is None else first - 1

    async def _read_back(self, first: int) -> None:
        """Extend memory back to this position, if there is room and the log has no jump in between."""
        history = self._hub.history
        while first < (start := self._start) and not self._hub.recent.is_full:
            rows = await self._run(handshake_reads.read_between, max(first, start - READ_BACK_ROWS), start)
            if history != self._hub.history:
                return
            self._hub.recent.prepend(rows, start)
            if self._start >= start:
                return
