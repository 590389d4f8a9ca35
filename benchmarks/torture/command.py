"""`python -m benchmarks torture --minutes 20`: the command."""

import argparse
import asyncio
import secrets
import signal
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from benchmarks.processes.namespace import remove_leftovers
from benchmarks.torture.options import Options
from benchmarks.torture.report import Report
from benchmarks.torture.run import Torture
from benchmarks.torture.schedule import KINDS, PROMOTE, PROMOTE_TIMES, scale_of

# Two cores run everything, the checker too: late by this much is counted, and no violation.
ALLOWANCE_SECONDS = 2.0
DEFAULT_KINDS = [kind for kind in KINDS if kind != PROMOTE]


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks torture", description=__doc__)
    length, add = parser.add_mutually_exclusive_group(), parser.add_argument
    length.add_argument("--minutes", type=float, default=1.0, metavar="N")
    length.add_argument("--seconds", type=float, metavar="N")
    add("--seed", type=int, metavar="S", help="decides everything that chance does; printed when left out")
    add("--faults", default=",".join(DEFAULT_KINDS), metavar="A,B", help="only these; none: nothing breaks")
    add("--promote", action="store_true", help="PostgreSQL has a replica, which is promoted again and again")
    add("--scale", type=float, metavar="N", help="how long faults last; 1: as in the field")
    add("--readers", type=int, default=50, metavar="N")
    add("--writers", type=int, default=8, metavar="N")
    add("--servers", type=int, default=2, metavar="N")
    add("--rate", type=float, default=40.0, metavar="N", help="operations a second, of all writers")
    add("--allowance", type=float, default=ALLOWANCE_SECONDS, metavar="SECONDS")
    add("--report", type=Path, metavar="FILE", help="write the report there, too")
    add("--json", action="store_true", help="the report as JSON")
    add("--folder", type=Path, help="keep databases and logs there; it has to be empty or new")
    add("--first", action="store_true", help="end at the first violation")
    add("--sql", type=Path, metavar="FILE", help="run this in the checked database before the servers start")
    add("--settings", default="", metavar="MODULE", help="of the servers, in place of their own")
    return parser.parse_args(arguments)


def options_of(given: argparse.Namespace) -> Options:
    faults = [] if given.faults == "none" else [name for name in given.faults.split(",") if name]
    unknown = set(faults) - set(KINDS)
    if unknown:
        raise SystemExit(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    if given.promote:
        faults += [PROMOTE] * PROMOTE_TIMES
    seconds = given.minutes * 60 if given.seconds is None else given.seconds
    return Options(
        seed=secrets.randbelow(1_000_000) if given.seed is None else given.seed,
        seconds=seconds,
        faults=faults,
        scale=scale_of(seconds) if given.scale is None else given.scale,
        readers=given.readers,
        writers=given.writers,
        servers=given.servers,
        rate=given.rate,
        allowance=given.allowance,
        is_ending_at_first=given.first,
        sql=given.sql.read_text() if given.sql else "",
        settings=given.settings,
    )


async def run(options: Options, folder: Path) -> Report:
    began = time.monotonic()

    def say(what: str) -> None:
        sys.stderr.write(f"{time.monotonic() - began:7.1f} s  {what}\n")
        sys.stderr.flush()

    say(f"seed {options.seed}")
    task = asyncio.create_task(Torture(options, folder, say).run())
    # The engines and the servers have to end with us.
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


def main(arguments: list[str]) -> int:
    given = parse(arguments)
    options = options_of(given)
    remove_leftovers()
    with tempfile.TemporaryDirectory(prefix="chatserver-torture-", ignore_cleanup_errors=True) as scratch:
        folder: Path = given.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            report = uvloop.run(run(options, folder))
        except asyncio.CancelledError:
            return 130
    text = report.as_json() if given.json else report.as_text()
    sys.stdout.write(text)
    if given.report:
        given.report.write_text(text)
    return 1 if report.violations else 0
