"""Joins calls that come at the same time, from many threads, into one.

Whoever comes first works, with what he has. Those who come meanwhile wait, and then one of them works for all that
wait. So nobody waits for company: a single call goes through at once, and under load a round trip serves many.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from chatserver.concurrency import cooperative

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class _Call(Generic[Asked, Answer]):
    """One caller, what he asks, and what came of it. `turn` is free when he is answered or has to work himself."""

    __slots__ = ("answer", "asked", "error", "is_answered", "turn")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answer: Answer | None = None
        self.error: BaseException | None = None
        self.is_answered = False
        self.turn = threading.Lock()
        self.turn.acquire()


class Joiner(Generic[Asked, Answer]):
    """`work` gets up to `most` things that were asked and answers each, in their order.

    What it raises is raised to every caller whose call was in it.
    """

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Answer]], most: int) -> None:
        self._work = work
        self._most = most
        self._guard = threading.Lock()
        self._waiting: list[_Call[Asked, Answer]] = []
        self._is_busy = False

    def ask(self, asked: Asked) -> Answer:
        """The answer to this, worked out in this thread or in that of another caller."""
        call: _Call[Asked, Answer] = _Call(asked)
        if not cooperative.stand_aside(self._answer, call):
            self._answer_in_turn(call)
        if call.error is not None:
            raise call.error
        return call.answer  # type: ignore[return-value]  # an answered call without an error has one

    def _answer_in_turn(self, call: _Call[Asked, Answer]) -> None:
        with self._guard:
            self._waiting.append(call)
            must_wait, self._is_busy = self._is_busy, True
        if must_wait:
            call.turn.acquire()
        if not call.is_answered:
            self._work_off()

    def _work_off(self) -> None:
        """Work for the first that wait, the caller among them, then let the next one work."""
        with self._guard:
            calls, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        self._answer(calls)
        with self._guard:
            following = self._waiting[0] if self._waiting else None
            self._is_busy = following is not None
        for call in calls:
            call.is_answered = True
            call.turn.release()
        if following is not None:
            following.turn.release()

    def _answer(self, calls: Sequence[_Call[Asked, Answer]]) -> None:
        try:
            answers = self._work([call.asked for call in calls])
            for call, answer in zip(calls, answers, strict=True):
                call.answer = answer
        except BaseException as error:  # noqa: BLE001 - it is each caller's to raise
            for call in calls:
                call.error = error
