"""One run of a command: its options, its report, how far it is, and the services that it measures."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.processes.postgres import PROJECT
from benchmarks.processes.progress import say
from benchmarks.processes.service import Seed, Service
from benchmarks.speed.generator import Generator
from benchmarks.speed.report import Finding, Report

# A generator that uses more of its core than this may have been what was slow.
SATURATED_SHARE = 0.9


@dataclass(frozen=True)
class Options:
    """What the command line says. None and empty leave it to the command."""

    streams: int | None = None
    workers: tuple[int, ...] = ()
    # Other checkouts of the project, which are measured beside this one.
    trees: tuple[Path, ...] = ()
    seconds: float | None = None
    is_short: bool = False
    install: bool = False

    def pick(self, full: float, short: float) -> float:
        """How many seconds a measurement takes: as asked, or by the kind of run."""
        return self.seconds or (short if self.is_short else full)


class CpuUser(Protocol):
    """Something that uses processor time: a service, a peer, or a generator."""

    def cpu_seconds(self) -> dict[str, float]: ...


class Usage:
    """The share of a core that each of these uses since restart()."""

    def __init__(self, *users: CpuUser) -> None:
        self._users = users
        self.restart()

    def restart(self) -> None:
        self._before, self._wall = self._cpu_seconds(), time.monotonic()

    def _cpu_seconds(self) -> dict[str, float]:
        return {name: seconds for user in self._users for name, seconds in user.cpu_seconds().items()}

    def note(self) -> str:
        """What a report says of it."""
        wall, now = time.monotonic() - self._wall, self._cpu_seconds()
        shares = {name: (now[name] - before) / wall for name, before in self._before.items()}
        note = f"Processor time: {', '.join(f'{name} {share:.0%}' for name, share in shares.items())}."
        if any(shares.get(name, 0.0) > SATURATED_SHARE for name in ("listeners", "writers")):
            note += " The load generator was saturated: what was measured may be faster than this."
        return note


@dataclass(frozen=True)
class Side:
    """A service with so many workers, of this checkout or of another; and the processes that load it.

    Where there are several, commands measure them in turns, so that a machine that slows down slows all of them.
    """

    name: str
    service: Service
    writers: Generator
    listeners: Generator

    def usage(self) -> Usage:
        return Usage(self.service, self.writers, self.listeners)


class Run:
    """What a command writes to while it works. `start` is what starts a service."""

    def __init__(
        self, options: Options, report: Report, start: Callable[..., AbstractContextManager[Service]] = Service
    ) -> None:
        self.options = options
        self.report = report
        self._start = start

    def say(self, what: str) -> None:
        """Tell how far it is."""
        say(f"{self.report.command}: {what}")

    def add(self, finding: Finding) -> None:
        self.report.findings.append(finding)

    def skip(self, what: str) -> None:
        """Something could not be measured: that is told, and is no success."""
        self.report.missing.append(what)

    def fail(self, *faults: str) -> None:
        self.report.faults += faults

    @contextmanager
    def sides(self, *seeds: Seed, workers: int, **settings: str) -> Iterator[list[Side]]:
        """One for each checkout and number of workers (where none is asked for: this one). All of them are up."""
        with ExitStack() as stack:
            sides = []
            for project in (PROJECT, *self.options.trees):
                for count in self.options.workers or (workers,):
                    name = f"{count} worker{'s' * (count > 1)}" + ("" if project == PROJECT else f" of {project}")
                    self.say(f"starting, {name}")
                    service = stack.enter_context(self._start(*seeds, workers=count, project=project, **settings))
                    sides.append(Side(name, service, *stack.enter_context(load_generators())))
            yield sides


@contextmanager
def load_generators() -> Iterator[tuple[Generator, Generator]]:
    """One that posts, and one that holds the streams or reads."""
    with Generator("writers") as writers, Generator("listeners") as listeners:
        yield writers, listeners
