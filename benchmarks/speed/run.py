"""One run of a command: its options, its report, how far it is, and the services that it measures."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tqdm import tqdm

from benchmarks.processes.postgres import PROJECT
from benchmarks.processes.service import Seed, Service
from benchmarks.speed.generator import Generator
from benchmarks.speed.report import Finding, Report


@dataclass(frozen=True)
class Options:
    """What the command line says. None and empty leave it to the command."""

    streams: int | None = None
    workers: tuple[int, ...] = ()
    # Other checkouts of the project, which are measured beside this one.
    trees: tuple[Path, ...] = ()
    seconds: float | None = None
    generators: int = 1
    is_short: bool = False
    peers_venv: str = ""
    install: bool = False

    def pick(self, full: float, short: float) -> float:
        """How many seconds a measurement takes: as asked, or by the kind of run."""
        return self.seconds or (short if self.is_short else full)


@dataclass(frozen=True)
class Side:
    """A service with so many workers, of this checkout or of another; and the processes that load it.

    Where there are several, commands measure them in turns, so that a machine that slows down slows all of them.
    """

    name: str
    service: Service
    writers: Generator
    generators: list[Generator]


class Run:
    """What a command writes to while it works. `start` is what starts a service."""

    def __init__(
        self,
        options: Options,
        report: Report,
        bar: "tqdm[Any]",
        start: Callable[..., AbstractContextManager[Service]] = Service,
    ) -> None:
        self.options = options
        self.report = report
        self._bar = bar
        self._start = start

    def step(self, what: str) -> None:
        """Say what is done next."""
        self._bar.set_description_str(f"{self.report.command}: {what}")
        self._bar.update(1)

    def say(self, line: str) -> None:
        """A line that stays."""
        self._bar.write(f"  {line}", file=sys.stderr)

    def add(self, finding: Finding) -> None:
        self.report.findings.append(finding)

    def skip(self, what: str) -> None:
        """Something could not be measured: that is told, and is no success."""
        self.report.missing.append(what)

    def fail(self, faults: list[str]) -> None:
        self.report.faults += faults

    @contextmanager
    def sides(self, *seeds: Seed, workers: int) -> Iterator[list[Side]]:
        """One for each checkout and number of workers (where none is asked for: this one). All of them are up."""
        with ExitStack() as stack:
            sides = []
            for project in (PROJECT, *self.options.trees):
                for count in self.options.workers or (workers,):
                    name = named(count) + ("" if project == PROJECT else f" of {project}")
                    self.step(f"starting, {name}")
                    service = stack.enter_context(self._start(*seeds, workers=count, project=project))
                    writers, *generators = stack.enter_context(generators_of(1 + self.options.generators))
                    sides.append(Side(name, service, writers, generators))
            yield sides


@contextmanager
def generators_of(count: int) -> Iterator[list[Generator]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Generator()) for _ in range(count)]


def named(workers: int) -> str:
    return "1 worker" if workers == 1 else f"{workers} workers"


class CpuUser(Protocol):
    """Something that uses processor time: a service, or a peer."""

    def cpu_seconds(self) -> dict[str, float]: ...


class Usage:
    """The share of a core that each part of a service uses, between two moments."""

    def __init__(self, service: CpuUser) -> None:
        self._service = service
        self.restart()

    def restart(self) -> None:
        self._cpu = self._service.cpu_seconds()
        self._wall = time.monotonic()

    def shares(self) -> dict[str, float]:
        wall = time.monotonic() - self._wall
        now = self._service.cpu_seconds()
        return {name: (now[name] - before) / wall for name, before in self._cpu.items()}


def format_shares(shares: dict[str, float]) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
