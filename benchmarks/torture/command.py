"""`python -m benchmarks torture --minutes 20`: the command. The report is JSON, and comes to the standard output."""

import argparse
import asyncio
import json
import secrets
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.processes.namespace import remove_leftovers
from benchmarks.processes.progress import say
from benchmarks.torture.options import Options
from benchmarks.torture.run import Torture
from benchmarks.torture.schedule import KINDS, PROMOTE

# Two cores run everything, the checker too: late by this much is counted, and no violation.
ALLOWANCE_SECONDS = 2.0
DEFAULT_KINDS = [kind for kind in KINDS if kind != PROMOTE]


def parse(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(prog="python -m benchmarks torture", description=__doc__)
    add = parser.add_argument
    add("--minutes", type=float, default=1.0, metavar="N")
    seed = secrets.randbelow(1_000_000)
    add("--seed", type=int, default=seed, help="decides everything that chance does; printed when left out")
    add("--faults", default=",".join(DEFAULT_KINDS), metavar="A,B", help="only these; none: nothing breaks")
    add("--promote", action="store_true", help="PostgreSQL has a replica, which is promoted again and again")
    add("--readers", type=int, default=50, metavar="N")
    add("--rate", type=float, default=40.0, metavar="N", help="operations a second, of all writers")
    add("--allowance", type=float, default=ALLOWANCE_SECONDS, metavar="SECONDS")
    add("--folder", type=Path, help="keep databases and logs there; it has to be empty or new")
    add("--first", action="store_true", help="end at the first violation")
    add("--sql", type=Path, metavar="FILE", help="run this in the checked database before the servers start")
    add("--settings", default="", metavar="MODULE", help="of the servers, in place of their own")
    options = parser.parse_args(arguments, namespace=Options())
    if unknown := set(options.faults.split(",")) - {*KINDS, "none"}:
        parser.error(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    return options


async def run(options: Options, folder: Path) -> dict[str, Any]:
    say(f"seed {options.seed}")
    task = asyncio.create_task(Torture(options, folder).run())
    # The engines and the servers have to end with us.
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    remove_leftovers()
    with tempfile.TemporaryDirectory(prefix="chatserver-torture-", ignore_cleanup_errors=True) as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            report = uvloop.run(run(options, folder))
        except asyncio.CancelledError:
            return 130
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 1 if report["violations"] else 0
