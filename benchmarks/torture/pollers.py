"""Pollers: backends that ask for the log page by page (GET /api/v1/events/) instead of listening."""

import asyncio
import json
import zlib

from benchmarks.torture.context import Scene
from benchmarks.torture.http import Broken, Connection
from benchmarks.torture.transcripts import Visit
from benchmarks.torture.users import Person, log_in_again

LARGEST_PAGE = 100
LONGEST_PAUSE_SECONDS = 1.0


class Poller:
    """One person who polls either server. Each page is compared as a short visit."""

    # Nobody waits for the end of a page.
    visit = None

    def __init__(self, scene: Scene, name: str, person: Person) -> None:
        self.name = name
        self.person = person
        self.upto = 0
        self._scene = scene
        self._oracle = scene.oracle
        self._counts = scene.counts
        self._rng = scene.chance_of(name)
        self._comparison = scene.oracle.comparison_of(person.user_id)

    def stay(self) -> None:
        """It always does."""

    async def run(self) -> None:
        while True:
            try:
                await self._poll()
            except (Broken, OSError):
                self._counts["connections refused or broken"] += 1
            await asyncio.sleep(self._rng.uniform(0, LONGEST_PAUSE_SECONDS))

    async def _poll(self) -> None:
        server = self._rng.randrange(len(self._scene.ports))
        port, token = self._scene.ports[server], self.person.token
        visit = self._oracle.visit_of(self.name, server, self.person.credential, self.upto)
        connection = Connection(port)
        try:
            path = f"/api/v1/events/?after={self.upto}&limit={self._rng.randint(1, LARGEST_PAGE)}"
            answer = await connection.ask("GET", path, token)
        finally:
            connection.close()
        if answer.status == 401:
            await log_in_again(self.person, token, port, self._scene.cluster.engines)
        elif answer.status == 200:
            self._counts["pages polled"] += 1
            self._take(visit, answer.body)
        elif answer.status <= 500:  # above, the server is away for a while, and says so
            self._oracle.findings.add("I4", f"{visit} was answered {answer.status}")

    def _take(self, visit: Visit, page: dict[str, object]) -> None:
        results, following = page["results"], page["next"]
        assert isinstance(results, list)
        assert isinstance(following, int)
        self._comparison.visits.append(visit)
        reset = page["reset"]
        if reset is not None:
            assert isinstance(reset, dict)
            self._counts[f"pages with a reset: {reset['reason']}"] += 1
            self._oracle.begun(visit, following, is_resumed=False)
            self._oracle.was_reset(visit, reset["reason"], reset["position"])
        else:
            self._oracle.begun(visit, self.upto, is_resumed=True)
            if following < self.upto:
                self._oracle.findings.add("I4", f"{visit} got a page that ends at {following}")
        for event in results:
            # The event as the stream would have it: compact JSON, in the same order.
            data = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
            self._oracle.arrived(visit, event["position"], zlib.crc32(data.encode()))
        self._oracle.moved(visit, following)
        visit.end()
        self.upto = visit.upto
