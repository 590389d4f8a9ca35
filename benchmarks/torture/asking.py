"""How writers ask: of a server that chance decides, and with a note of what became of it."""

import time
from typing import Any

from benchmarks.torture.context import Scene
from benchmarks.torture.http import Answer, Broken, Connection
from benchmarks.torture.operations import Deed
from benchmarks.torture.oracle import PROMISED_SECONDS

ANSWER_SECONDS = 5.0


class Asking:
    """One client's connections to all servers."""

    def __init__(self, scene: Scene, name: str) -> None:
        self._counts = scene.counts
        self._oracle = scene.oracle
        self._ledger = scene.oracle.ledger
        self._rng = scene.chance_of(name)
        self._scene = scene
        self._connections: dict[int, Connection] = {}

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()

    async def _do(
        self, token: str, deed: Deed, method: str, path: str, body: dict[str, Any] | None = None
    ) -> Answer | None:
        """One try. The answer where it was done just now, None where it was not, or nobody knows."""
        answer = await self._ask(method, path, token, body)
        is_news = answer is not None and answer.status in {201, 204}
        if is_news or answer is None or answer.status >= 500:
            self._ledger.deed(*deed, is_acknowledged=is_news)
        self._counts["other deeds acknowledged" if is_news else "other deeds refused or unknown"] += 1
        return answer if is_news else None

    async def _ask(self, method: str, path: str, token: str, body: dict[str, Any] | None = None) -> Answer | None:
        """None where it is unknown what became of it."""
        port = self._rng.choice(self._scene.ports)
        connection = self._connections.setdefault(port, Connection(port))
        began = time.monotonic()
        try:
            answer = await connection.ask(method, path, token, body, ANSWER_SECONDS)
        except Broken as error:
            self._complain(began, f"{method} {path} had no answer: {error}")
            return None
        self._counts[f"writes answered {answer.status}"] += 1
        if answer.status >= 500:
            self._complain(began, f"{method} {path} was answered {answer.status}: {answer.body}")
        if answer.status == 500:
            self._oracle.findings.add("I1", f"{method} {path} was answered 500: {answer.body}")
        return answer

    def _complain(self, began: float, what: str) -> None:
        """I5: with everything but Redis in order, every write is answered."""
        if self._oracle.weather.is_calm(began - PROMISED_SECONDS, time.monotonic()):
            self._oracle.findings.add("I5", what)
