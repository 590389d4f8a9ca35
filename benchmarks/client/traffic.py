"""Readers and writers who go on while a run breaks things or measures, and what they found."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.client.general import Reader, Writer

SETTLE_SECONDS = 40.0


class Findings(NamedTuple):
    """What a run reports. `faults` must be empty."""

    lines: list[str]
    faults: list[str]


class Traffic:
    """`async with Traffic(ports, tokens) as traffic:`; then `await traffic.settle()`. `rate`: posts a second."""

    def __init__(
        self,
        ports: list[int],
        tokens: list[str],
        *,
        readers: int = 40,
        rate: float = 20.0,
        stay_seconds: tuple[float, float] | None = None,
    ) -> None:
        writing, reading = tokens[: len(ports)], tokens[len(ports) :]
        self.readers = [
            Reader(ports[number % len(ports)], reading[number % len(reading)], self._received, stay_seconds)
            for number in range(readers)
        ]
        self.writers = [
            Writer(port, token, rate / len(ports), self._acknowledged)
            for port, token in zip(ports, writing, strict=True)
        ]
        # When each message was acknowledged, and with which seq.
        self._acknowledgements: dict[int, tuple[float, int]] = {}
        # The longest from an acknowledgement to a reader, in seconds; may be set to 0 at any time.
        self.latest = 0.0
        self._reading: list[asyncio.Task[None]] = []
        self._writing: list[asyncio.Task[None]] = []

    @property
    def acknowledged(self) -> int:
        return len(self._acknowledgements)

    @property
    def attempts(self) -> Counter[str]:
        return sum((writer.attempts for writer in self.writers), Counter())

    def _acknowledged(self, message_id: int, seq: int) -> None:
        self._acknowledgements[message_id] = (time.monotonic(), seq)

    def _received(self, message_id: int) -> None:
        at, _ = self._acknowledgements.get(message_id, (float("inf"), 0))
        self.latest = max(self.latest, time.monotonic() - at)

    async def __aenter__(self) -> "Traffic":
        self._reading = [asyncio.create_task(reader.run()) for reader in self.readers]
        await self._until(lambda: all(reader.is_live for reader in self.readers), "all readers")
        self._writing = [asyncio.create_task(writer.run()) for writer in self.writers]
        return self

    async def __aexit__(self, *_: object) -> None:
        await stop([*self._reading, *self._writing])

    async def next_acknowledgement(self) -> None:
        """Wait until a post is answered that has not been yet."""
        before = self.acknowledged
        await self._until(lambda: self.acknowledged > before, "an acknowledgement")

    async def _until(self, is_done: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while not is_done():
            if time.monotonic() > deadline:
                raise RuntimeError(f"waited {SETTLE_SECONDS:.0f} s for {what}")
            await asyncio.sleep(0.05)

    async def settle(self, *, since: float = 0.0) -> Findings:
        """Stop writing, and see whether all that was acknowledged (since then) reaches every reader."""
        await stop(self._writing)
        wanted = max((seq for at, seq in self._acknowledgements.values() if at >= since), default=0)
        faults = []
        try:
            await self._until(lambda: all((reader.last_seq or 0) >= wanted for reader in self.readers), "all messages")
        except RuntimeError:
            behind = [reader.last_seq for reader in self.readers if (reader.last_seq or 0) < wanted]
            faults.append(f"{len(behind)} readers never got seq {wanted}: they have {behind}")
        faults += [fault for reader in self.readers for fault in reader.faults]
        resets: Counter[str] = sum((reader.resets for reader in self.readers), Counter())
        lines = [
            f"{self.acknowledged} posts acknowledged, answers {dict(self.attempts)}",
            f"the slowest post took {max(writer.slowest_seconds for writer in self.writers):.2f} s",
            f"{len(self.readers)} readers got {sum(reader.received for reader in self.readers)} messages and "
            f"came back {sum(reader.connections - 1 for reader in self.readers)} times, resets {dict(resets)}",
            f"the longest from an acknowledgement to a reader, since the last fault: {self.latest:.2f} s",
            "no gap, no repeat, nothing lost" if not faults else "FAULTS: " + "; ".join(faults[:10]),
        ]
        return Findings(lines, faults)


async def stop(tasks: "list[asyncio.Task[None]]") -> None:
    """Cancel tasks and wait for their end. What one of them died of is raised."""
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended
