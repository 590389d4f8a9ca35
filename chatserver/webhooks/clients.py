"""HTTP clients of one connection each, kept for a while after a lane has used one."""

import asyncio

from chatserver.storage.outbound.client import OutboundClient

IDLE_CLIENT_SECONDS = 10.0


class LaneClients:
    """Used in the event loop alone."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # By endpoint, those that no lane uses, the last used last, and when each is closed.
        self._idle: dict[int, list[tuple[OutboundClient, asyncio.TimerHandle]]] = {}

    def take(self, endpoint_id: int) -> OutboundClient:
        """A client for a lane of this endpoint, connected already if one is idle."""
        idle = self._idle.get(endpoint_id)
        if not idle:
            return OutboundClient()
        client, closing = idle.pop()
        closing.cancel()
        return client

    def give_back(self, endpoint_id: int, client: OutboundClient) -> None:
        """The lane has ended."""
        closing = self._loop.call_later(IDLE_CLIENT_SECONDS, self._close_oldest, endpoint_id)
        self._idle.setdefault(endpoint_id, []).append((client, closing))

    def _close_oldest(self, endpoint_id: int) -> None:
        client, _ = self._idle[endpoint_id].pop(0)
        client.close()
        if not self._idle[endpoint_id]:
            del self._idle[endpoint_id]

    def close(self) -> None:
        """Close all. No lane is being sent any more."""
        for idle in self._idle.values():
            for client, closing in idle:
                closing.cancel()
                client.close()
        self._idle.clear()
