"""How writers send requests: to a server that chance decides, with a note of what became of them."""

import json
import time
from typing import Any

from benchmarks.client.http import Answer, Connection
from benchmarks.torture.context import Context
from benchmarks.torture.log import Operation
from benchmarks.torture.oracle import PROMISED_SECONDS

ANSWER_SECONDS = 5.0


class ApiClient:
    """One client's connections to all servers."""

    def __init__(self, context: Context, name: str) -> None:
        self.counts = context.counts
        self.acknowledgements = context.oracle.acknowledgements
        self.rng = context.rng_of(name)
        self._oracle = context.oracle
        self._context = context
        self._connections: dict[int, Connection] = {}

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()

    async def carry_out(
        self, token: str, operation: Operation, method: str, path: str, body: dict[str, Any] | None = None
    ) -> Answer | None:
        """One try. The answer where it was done just now, None where it was not, or nobody knows."""
        answer = await self.request(method, path, token, body)
        is_done = answer is not None and answer.status in {201, 204}
        if is_done or answer is None or answer.status >= 500:
            self.acknowledgements.add(operation, is_acknowledged=is_done)
        self.counts["other operations acknowledged" if is_done else "other operations refused or unknown"] += 1
        return answer if is_done else None

    async def request(self, method: str, path: str, token: str, body: dict[str, Any] | None = None) -> Answer | None:
        """None where it is unknown what became of it."""
        port = self.rng.choice(self._context.ports)
        connection = self._connections.setdefault(port, Connection(port))
        data = None if body is None else json.dumps(body).encode()
        began, limit = time.monotonic(), ANSWER_SECONDS + self._oracle.allowance
        try:
            answer = await connection.request(method, path, data, token=token, seconds=limit)
        except OSError as error:
            self._complain(began, f"{method} {path} had no answer: {error!r}")
            return None
        self.counts[f"writes answered {answer.status}"] += 1
        if answer.status >= 500:
            self._complain(began, f"{method} {path} was answered {answer}")
        if answer.status == 500:
            self._oracle.violations.add("I1", f"{method} {path} was answered {answer}")
        return answer

    def _complain(self, began: float, what: str) -> None:
        """I5: with everything but Redis in order, every write is answered."""
        if self._oracle.windows.is_clear(began - PROMISED_SECONDS, time.monotonic()):
            self._oracle.violations.add("I5", what)
