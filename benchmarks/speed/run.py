"""One run of a command: its options, its report, and how far it is."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from tqdm import tqdm

from benchmarks.speed.generator import Generator
from benchmarks.speed.report import Finding, Report
from benchmarks.speed.service import Service


@dataclass(frozen=True)
class Options:
    """What the command line says. None and empty leave it to the command."""

    streams: int | None = None
    workers: tuple[int, ...] = ()
    core_share: float | None = None
    seconds: float | None = None
    generators: int = 1
    is_short: bool = False
    peers_venv: str = ""
    install: bool = False

    def pick(self, full: float, short: float) -> float:
        """How many seconds a measurement takes: as asked, or by the kind of run."""
        return self.seconds or (short if self.is_short else full)

    def target(self, value: float) -> float | None:
        """What a measurement has to reach; None where the server was held to a share of what it could use."""
        return value if self.core_share is None else None


class Run:
    """What a command writes to while it works."""

    def __init__(
        self,
        options: Options,
        report: Report,
        bar: "tqdm[Any]",
        start: Callable[..., AbstractContextManager[Service]] = Service,
    ) -> None:
        # `with run.service(Seed(…), workers=2) as service:`
        self.service: Callable[..., AbstractContextManager[Service]] = (
            start if options.core_share is None else partial(start, core_share=options.core_share)
        )
        self.options = options
        self.report = report
        self._bar = bar

    def step(self, what: str) -> None:
        """Say what is done next."""
        self._bar.set_description_str(f"{self.report.command}: {what}")
        self._bar.update(1)

    def say(self, line: str) -> None:
        """A line that stays."""
        self._bar.write(f"  {line}", file=sys.stderr)

    def find(self, finding: Finding) -> None:
        self.report.findings.append(finding)

    def miss(self, what: str) -> None:
        """Something could not be measured: that is told, and is no success."""
        self.report.missing.append(what)

    def fail(self, faults: list[str]) -> None:
        self.report.faults += faults

    @contextmanager
    def generators(self, count: int) -> Iterator[list[Generator]]:
        with ExitStack() as stack:
            yield [stack.enter_context(Generator()) for _ in range(count)]


class Spender(Protocol):
    """Something that uses processor time: the service, or a peer."""

    def cpu_seconds(self) -> dict[str, float]: ...


class Usage:
    """The share of a core that each part of a service uses, between two looks."""

    def __init__(self, service: Spender) -> None:
        self._service = service
        self.restart()

    def restart(self) -> None:
        self._cpu = self._service.cpu_seconds()
        self._wall = time.monotonic()

    def shares(self) -> dict[str, float]:
        wall = time.monotonic() - self._wall
        now = self._service.cpu_seconds()
        return {name: (now[name] - before) / wall for name, before in self._cpu.items()}


def shown_shares(shares: dict[str, float]) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
