"""`python -m benchmarks fanout`: measure a service that is started for it on fresh data."""

import argparse
import sys
from pathlib import Path
from typing import Any

import msgspec
from tqdm import tqdm

from benchmarks import fanout, idle, latency, post, read, resume
from benchmarks.generator import raise_file_limit
from benchmarks.report import new_report
from benchmarks.run import Options, Run
from benchmarks.table import as_text

COMMANDS = {
    "fanout": fanout.measure,
    "post": post.measure,
    "latency": latency.measure,
    "idle": idle.measure,
    "resume": resume.measure,
    "read": read.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("command", choices=[*COMMANDS])
    parser.add_argument("--streams", type=int)
    parser.add_argument("--workers", type=int, nargs="+", default=[])
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--generators", type=int, default=1)
    parser.add_argument("--short", action="store_true", dest="is_short")
    parser.add_argument("--json", type=Path)
    given = vars(parser.parse_args())
    command, path = given.pop("command"), given.pop("json")
    raise_file_limit()
    options = Options(**{**given, "workers": tuple(given["workers"])})
    report = new_report(command, msgspec.to_builtins(options))
    bar: tqdm[Any]
    with tqdm(disable=None) as bar:
        COMMANDS[command](Run(options, report, bar))
    if path is not None:
        text = msgspec.json.format(msgspec.json.encode(report)) + b"\n"
        if str(path) == "-":
            sys.stdout.buffer.write(text)
        else:
            path.write_bytes(text)
    if str(path) != "-":
        sys.stdout.write(as_text(report))
    sys.exit(1 if report.faults else 0)


if __name__ == "__main__":
    main()
