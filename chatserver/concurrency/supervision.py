"""Tasks that have to run as long as the process does. What nobody foresaw is logged, and the task begins again."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

RESTART_SECONDS = 1.0

logger = structlog.get_logger(__name__)


async def keep_running(work: Callable[[], Awaitable[None]]) -> None:
    """Run it to its end, and again from its beginning, a second later, whenever it breaks."""
    while True:
        try:
            await work()
            return
        except Exception:
            logger.exception("worker_broke", worker=getattr(work, "__qualname__", repr(work)))
            await asyncio.sleep(RESTART_SECONDS)
