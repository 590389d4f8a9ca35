"""Waits until a hub has delivered a position."""

import asyncio


class PositionWaiters:
    """Tasks of one event loop that wait until positions of the log have been delivered."""

    def __init__(self) -> None:
        self._waiting: set[tuple[int, asyncio.Future[None]]] = set()

    async def wait(self, position: int, seconds: float) -> bool:
        """Wait until the position was reached, within a limit; returns whether it was."""
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = (position, reached)
        self._waiting.add(waiter)
        try:
            await asyncio.wait([reached], timeout=seconds)
        finally:
            self._waiting.discard(waiter)
        return reached.done()

    def reached(self, position: int) -> None:
        """Wake the tasks that wait for this position or a lower one."""
        for awaited, reached in self._waiting:
            if awaited <= position and not reached.done():
                reached.set_result(None)
