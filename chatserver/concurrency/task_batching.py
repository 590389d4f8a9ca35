"""Joins calls that come at the same time, from tasks of one event loop, into one: batching for tasks.

Whoever comes first is worked for at once. Those who come meanwhile wait, and then are worked for together. So nobody
waits for company: a lone call goes through at once, and under load one thread and one round trip serve many.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class TaskJoiner(Generic[Asked, Answer]):
    """`work` gets up to `most` things that were asked and answers each, in their order, by a value or an exception.

    What it raises is raised to every caller whose call was in it.
    """

    def __init__(self, work: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | Exception]]], most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: deque[tuple[Asked, asyncio.Future[Answer]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Answer:
        """The answer to this, worked out together with what others ask."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((asked, answer))
        if self._worker is None:
            self._worker = loop.create_task(self._work_off())
        return await answer

    async def _work_off(self) -> None:
        try:
            while self._waiting:
                calls = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
                await self._answer([call for call in calls if not call[1].cancelled()])
        finally:
            self._worker = None

    async def _answer(self, calls: list[tuple[Asked, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._work([asked for asked, _ in calls])
        except asyncio.CancelledError:
            # The server stops. Without their answers these would wait for ever.
            self._cancel([waiting for _, waiting in calls])
            raise
        except Exception as error:  # noqa: BLE001 - it is each caller's to raise
            answers = [error] * len(calls)
        for (_, waiting), answer in zip(calls, answers, strict=True):
            if waiting.cancelled():
                continue  # its client has gone
            if isinstance(answer, Exception):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)

    def _cancel(self, answers: list[asyncio.Future[Answer]]) -> None:
        """End those that were worked for, and those that still wait for that."""
        for answer in [*answers, *(waiting for _, waiting in self._waiting)]:
            answer.cancel()
        self._waiting.clear()
