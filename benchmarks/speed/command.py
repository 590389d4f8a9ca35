"""`python -m benchmarks speed fanout`: measure a service that is started for it on fresh data, in production settings.

Exit code 1: an event was lost, repeated or out of order, or something that was answered is not there.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from tqdm import tqdm

from benchmarks.speed import fanout, idle, latency, post, read, resume
from benchmarks.speed.chart import draw
from benchmarks.speed.generator import raise_file_limit
from benchmarks.speed.peers import measure as peers
from benchmarks.speed.report import Report, encode, new_report, read_reports
from benchmarks.speed.run import Options, Run
from benchmarks.speed.table import as_markdown, as_text

COMMANDS: dict[str, tuple[Callable[[Run], None], str]] = {
    "fanout": (fanout.measure, "the highest rate of posts that all streams keep up with; and nchan's"),
    "post": (post.measure, "durable posts of 16 clients, one hot room and 20 rooms; and pgbench's"),
    "latency": (latency.measure, "from POST to arrival at 1,000 streams"),
    "idle": (idle.measure, "what 10,000 streams cost that get nothing but heartbeats"),
    "resume": (resume.measure, "1,000 and 5,000 clients that come back at once"),
    "read": (read.measure, "pages of history and the list of rooms, small database and large"),
    "peers": (peers.measure, "the same work done by nchan, django-eventstream and Matrix Synapse"),
}
# `all` leaves out what needs packages of others.
ALL = [name for name in COMMANDS if name != "peers"]


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    command: str = options.pop("command")
    if command == "table":
        for path in options["files"]:
            for report in read_reports(path):
                sys.stdout.write(as_markdown(report) + "\n")
        return 0
    target: Path | None = options.pop("json")
    folder: Path | None = options.pop("folder")
    chosen = Options(**{**options, "workers": tuple(options["workers"]), "trees": tuple(options["trees"])})
    raise_file_limit()
    reports = []
    for name in ALL if command == "all" else [command]:
        report = measure(name, chosen)
        reports.append(report)
        (sys.stderr if str(target) == "-" else sys.stdout).write(as_text(report))
        if folder is not None:
            write_charts(report, folder)
    if folder is not None:
        (folder / f"{command}.json").write_bytes(encode(reports))
    if str(target) == "-":
        sys.stdout.buffer.write(encode(reports))
    elif target is not None:
        target.write_bytes(encode(reports))
    return 1 if any(report.faults for report in reports) else 0


def measure(name: str, options: Options, **others: Any) -> Report:
    """Run a command. `others` are for Run: what starts a service, say."""
    report = new_report(name, msgspec.to_builtins({**vars(options), "trees": [str(tree) for tree in options.trees]}))
    bar: tqdm[Any]
    with tqdm(disable=None, bar_format="{desc} [{elapsed}, step {n_fmt}]") as bar:
        COMMANDS[name][0](Run(options, report, bar, **others))
    return report


def write_charts(report: Report, folder: Path) -> None:
    """One file a chart: the second one of a command is called `name-2.svg`."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, chart in enumerate(report.charts):
        name = report.command if index == 0 else f"{report.command}-{index + 1}"
        (folder / f"{name}.svg").write_text(draw(chart))


def parse(arguments: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks speed", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, words) in [*COMMANDS.items(), ("all", (None, "all but peers, one after the other"))]:
        command = commands.add_parser(name, help=words, description=words)
        command.add_argument("--streams", type=positive, help="how many streams or clients")
        command.add_argument("--workers", type=positive, nargs="+", default=[], help="server processes, e.g. 1 2")
        words = "another checkout of the project, measured beside this one in turns; may be given several times"
        command.add_argument("--tree", type=tree, action="append", default=[], dest="trees", metavar="PATH", help=words)
        command.add_argument("--seconds", type=float, help="how long each measurement takes")
        command.add_argument("--generators", type=positive, default=1, help="processes that hold the streams")
        command.add_argument("--short", action="store_true", dest="is_short", help="quick and rough")
        command.add_argument("--json", type=Path, metavar="FILE", help="write the report; - is the standard output")
        command.add_argument("--folder", type=Path, help="write the report and the charts here")
        if name == "peers":
            command.add_argument("--peers-venv", default="", metavar="FOLDER", help="where their packages are")
            command.add_argument("--install", action="store_true", help="install their packages")
    table = commands.add_parser("table", help="Markdown tables of reports that --json wrote")
    table.add_argument("files", type=Path, nargs="+", metavar="FILE.json")
    return vars(parser.parse_args(arguments))


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def tree(text: str) -> Path:
    path = Path(text).resolve()
    if not (path / "manage.py").exists():
        raise argparse.ArgumentTypeError(f"{path} has no manage.py")
    return path
