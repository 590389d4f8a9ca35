"""Keeps tasks running as long as the process does: one that raises is logged and starts again."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

RESTART_SECONDS = 1.0

logger = structlog.get_logger(__name__)


async def keep_running(work: Callable[[], Awaitable[None]]) -> None:
    """Run it to its end; when it raises, run it again from its beginning a second later."""
    while True:
        try:
            await work()
            return
        except Exception:
            logger.exception("worker_broke", worker=getattr(work, "__qualname__", repr(work)))
            await asyncio.sleep(RESTART_SECONDS)
