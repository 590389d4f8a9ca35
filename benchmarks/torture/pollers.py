"""Pollers: backends that ask for the log page by page (GET /api/v1/events/) instead of listening."""

import asyncio
import json
import zlib
from contextlib import closing
from typing import Any

from benchmarks.client.http import Connection
from benchmarks.torture.context import Context
from benchmarks.torture.transcripts import EVENT, HEARTBEAT, RESET, Transcript
from benchmarks.torture.users import User, log_in_again

LARGEST_PAGE = 100
LONGEST_PAUSE_SECONDS = 1.0
ANSWER_SECONDS = 10.0


class Poller:
    """One user who polls any server. Each page has a transcript of its own."""

    # No stream of it is ever open.
    transcript = None

    def __init__(self, context: Context, name: str, user: User) -> None:
        self.name = name
        self.user = user
        self.upto = 0
        self._context = context
        self._oracle = context.oracle
        self._counts = context.counts
        self._rng = context.rng_of(name)

    def stay(self) -> None:
        """It always does."""

    async def run(self) -> None:
        while True:
            try:
                await self._poll()
            except OSError:
                self._counts["connections refused or broken"] += 1
            await asyncio.sleep(self._rng.uniform(0, LONGEST_PAUSE_SECONDS))

    async def _poll(self) -> None:
        server = self._rng.randrange(len(self._context.ports))
        port, token = self._context.ports[server], self.user.token
        transcript = self._oracle.transcript(self.name, self.user.user_id, server, self.user.credential, self.upto)
        path = f"/api/v1/events/?after={self.upto}&limit={self._rng.randint(1, LARGEST_PAGE)}"
        with closing(Connection(port, token)) as connection:
            answer = await connection.request("GET", path, seconds=ANSWER_SECONDS)
        if answer.status == 401:
            await log_in_again(self.user, token, port, self._context.cluster.engines)
        elif answer.status == 200:
            self._counts["pages polled"] += 1
            self._take(transcript, answer.json())
        elif answer.status <= 500:  # above, the server is away for a while, and says so
            self._oracle.violations.add("I4", f"{transcript} was answered {answer.status}")

    def _take(self, transcript: Transcript, page: dict[str, Any]) -> None:
        reset, following = page["reset"], page["next"]
        if reset is not None:
            self._counts[f"pages with a reset: {reset['reason']}"] += 1
            transcript.begin(following, is_resumed=False)
            transcript.add(RESET, reset["position"], reason=reset["reason"])
        else:
            transcript.begin(self.upto, is_resumed=True)
        for event in page["results"]:
            # The event as the stream would have it: compact JSON, in the same order.
            data = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
            transcript.add(EVENT, event["position"], digest=zlib.crc32(data.encode()))
        transcript.add(HEARTBEAT, following)
        self._oracle.end(transcript)
        self.upto = transcript.upto
