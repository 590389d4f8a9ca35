"""Pollers: backends that ask for the log page by page (GET /api/v1/events/) instead of listening."""

import asyncio
import json
from contextlib import closing
from typing import Any

from benchmarks.client.http import Connection
from benchmarks.torture.listeners import Listener
from benchmarks.torture.log import digest_of
from benchmarks.torture.transcripts import EVENT, HEARTBEAT, Transcript

LARGEST_PAGE = 100
LONGEST_PAUSE_SECONDS = 1.0
POLL_ANSWER_SECONDS = 10.0


class Poller(Listener):
    """Each page has a transcript of its own."""

    async def pause(self) -> None:
        await asyncio.sleep(self.rng.uniform(0, LONGEST_PAUSE_SECONDS))

    async def listen(self) -> None:
        token = self.user.token
        self.last = self.last or 0
        port, transcript = self.begin()
        path = f"/api/v1/events/?after={self.last}&limit={self.rng.randint(1, LARGEST_PAGE)}"
        with closing(Connection(port, token)) as connection:
            answer = await connection.request("GET", path, seconds=POLL_ANSWER_SECONDS)
        if answer.status == 200:
            self.counts["pages polled"] += 1
            self._take(transcript, answer.json())
        else:
            await self.take_refusal(answer.status, port, token, transcript)

    def _take(self, transcript: Transcript, page: dict[str, Any]) -> None:
        if page["reset"] is not None:
            transcript.begin(page["next"], is_resumed=False)
            self.add_reset(transcript, page["reset"])
        else:
            transcript.begin(self.last or 0, is_resumed=True)
        for event in page["results"]:
            # The event as the stream would have it: compact JSON, in the same order.
            data = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
            transcript.add(EVENT, event["position"], digest=digest_of(data))
            self.oracle.check_names(transcript, data, is_from_log=True)
        transcript.add(HEARTBEAT, page["next"])
        self.oracle.end(transcript)
        self.last = transcript.upto
