"""HTTP clients of one connection each, kept for a while after a lane has used one.

A pool looks at each of its idle connections for each request, by a call of the system: one for many connections would
cost more than the requests themselves.
"""

import asyncio

import httpx2

from chatserver.storage.outbound import outbound_client

IDLE_CLIENT_SECONDS = 10.0


class LaneClients:
    """Used in the event loop alone."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # By endpoint, those that no lane uses, the last used last, and when each is closed.
        self._idle: dict[int, list[tuple[httpx2.AsyncClient, asyncio.TimerHandle]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, endpoint_id: int) -> httpx2.AsyncClient:
        """A client for a lane of this endpoint, connected already if one is idle."""
        idle = self._idle.get(endpoint_id)
        if not idle:
            return outbound_client()
        client, closing = idle.pop()
        closing.cancel()
        return client

    def give_back(self, endpoint_id: int, client: httpx2.AsyncClient) -> None:
        """The lane has ended."""
        closing = self._loop.call_later(IDLE_CLIENT_SECONDS, self._close_oldest, endpoint_id)
        self._idle.setdefault(endpoint_id, []).append((client, closing))

    def _close_oldest(self, endpoint_id: int) -> None:
        client, _ = self._idle[endpoint_id].pop(0)
        if not self._idle[endpoint_id]:
            del self._idle[endpoint_id]
        task = self._loop.create_task(client.aclose())
        self._tasks.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Close all. No lane is being sent any more."""
        for idle in self._idle.values():
            for client, closing in idle:
                closing.cancel()
                await client.aclose()
        self._idle.clear()
