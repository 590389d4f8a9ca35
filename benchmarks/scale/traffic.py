"""People who talk and listen while a scenario breaks things, and what they found."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.scale.people import Reader, Writer

SETTLE_SECONDS = 40.0


@dataclass
class Findings:
    """What a scenario reports. `faults` must be empty."""

    readers: int
    acknowledged: int
    attempts: dict[str, int]
    returns: int
    resets: dict[str, int]
    latest: float
    slowest_post: float
    faults: list[str]

    def lines(self) -> list[str]:
        return [
            f"{self.acknowledged} posts acknowledged, answers {self.attempts}",
            f"the slowest post took {self.slowest_post:.2f} s",
            f"{self.readers} readers came back {self.returns} times, resets {self.resets or 'none'}",
            f"the longest from an acknowledgement to a reader: {self.latest:.2f} s",
            "no gap, no repeat, nothing lost" if not self.faults else "FAULTS: " + "; ".join(self.faults[:10]),
        ]


class Traffic:
    """`async with Traffic(urls, tokens) as traffic:`; then `await traffic.settle()`."""

    def __init__(self, urls: list[str], tokens: list[str], *, readers: int = 40, rate: float = 20.0) -> None:
        self.readers = [Reader(urls[number % len(urls)], tokens[number]) for number in range(readers)]
        self.writers = [Writer(url, tokens[-1 - number], rate / len(urls)) for number, url in enumerate(urls)]
        self._tasks: list[asyncio.Task[None]] = []
        self._writing: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Traffic":
        self._tasks = [asyncio.create_task(reader.run()) for reader in self.readers]
        await self._until(lambda: all(reader.last_id for reader in self.readers), "all readers")
        self._writing = [asyncio.create_task(writer.run()) for writer in self.writers]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in [*self._tasks, *self._writing]:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._writing, return_exceptions=True)

    @property
    def acknowledged(self) -> dict[int, float]:
        return {number: at for writer in self.writers for number, at in writer.acknowledged.items()}

    async def next_acknowledgement(self) -> None:
        """Wait until a post is answered that has not been yet."""
        before = len(self.acknowledged)
        await self._until(lambda: len(self.acknowledged) > before, "an acknowledgement")

    async def _until(self, is_done: Callable[[], bool], what: str) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SETTLE_SECONDS
        while not is_done():
            if loop.time() > deadline:
                raise RuntimeError(f"waited {SETTLE_SECONDS:.0f} s for {what}")
            await asyncio.sleep(0.05)

    async def settle(self, *, since: float = 0.0) -> Findings:
        """Stop writing, and see whether all that was acknowledged (since then) reaches everybody."""
        for task in self._writing:
            task.cancel()
        await asyncio.gather(*self._writing, return_exceptions=True)
        wanted = {number for number, at in self.acknowledged.items() if at >= since}
        faults = []
        try:
            await self._until(lambda: all(wanted <= reader.heard.keys() for reader in self.readers), "all messages")
        except RuntimeError:
            faults = [f"{len(wanted - reader.heard.keys())} never reached a reader" for reader in self.readers]
            faults = [fault for fault in faults if not fault.startswith("0 ")]
        resets: dict[str, int] = {}
        for reason in (reason for reader in self.readers for reason in reader.resets):
            resets[reason] = resets.get(reason, 0) + 1
        attempts: dict[str, int] = {}
        for writer in self.writers:
            for outcome, count in writer.attempts.items():
                attempts[outcome] = attempts.get(outcome, 0) + count
        return Findings(
            readers=len(self.readers),
            acknowledged=len(self.acknowledged),
            attempts=attempts,
            returns=sum(reader.returns for reader in self.readers),
            resets=resets,
            latest=self.latest(0.0),
            slowest_post=max((took for writer in self.writers for took in writer.took), default=0.0),
            faults=faults + [fault for reader in self.readers for fault in reader.faults],
        )

    def latest(self, since: float) -> float:
        """The longest from an acknowledgement since then to a reader, of all that have been heard."""
        waits = [
            reader.heard[number] - at
            for number, at in self.acknowledged.items()
            for reader in self.readers
            if at >= since and number in reader.heard
        ]
        return max(waits, default=0.0)
