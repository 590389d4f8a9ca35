"""`python -m benchmarks speed fanout`: measure a service that is started for it on fresh data, in production settings.

Exit code 1: an event was lost, repeated or out of order, or something that was answered is not there.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.speed import (
    day,
    fanout,
    idle,
    jwt_posts,
    latency,
    page,
    post,
    presence,
    read,
    resume,
    rich,
    start,
    webhooks,
)
from benchmarks.speed.generator import raise_file_limit
from benchmarks.speed.peers import measure as peers
from benchmarks.speed.report import Report, as_markdown, encode, new_report, read_reports
from benchmarks.speed.run import Options, Run

COMMANDS: dict[str, tuple[Callable[[Run], None], str]] = {
    "fanout": (fanout.measure, "the highest rate of posts that all streams keep up with; and nchan's"),
    "post": (post.measure, "durable posts of 16 clients, one hot room and 20 rooms; and pgbench's"),
    "jwt": (jwt_posts.measure, "posts by the JWTs of a host product, against posts by tokens"),
    "latency": (latency.measure, "from POST to arrival at 1,000 streams"),
    "idle": (idle.measure, "what 10,000 streams cost that get nothing but heartbeats"),
    "resume": (resume.measure, "1,000 and 5,000 clients that come back at once"),
    "read": (read.measure, "pages of history and the list of rooms, small database and large"),
    "rich": (rich.measure, "the same and posts, with reactions, mentions and threads on each message, against none"),
    "start": (start.measure, "what a client with 300 rooms waits for when it starts"),
    "webhooks": (webhooks.measure, "deliveries of waiting events to ten endpoints, and the memory for them"),
    "day": (day.measure, "people at work, 1,000 to 10,000 of them: what each thing takes, and what it costs"),
    "presence": (presence.measure, "what it costs that 10,000 people see each other come and go"),
    "page": (page.measure, "how long messages and keys keep the page in a browser busy"),
    "peers": (peers.measure, "the same work done by nchan, django-eventstream and Matrix Synapse"),
}
# `all` leaves out what needs programs and packages of others.
ALL = [name for name in COMMANDS if name not in {"page", "peers"}]


def main(arguments: list[str]) -> int:
    given = parse(arguments)
    command, target = given.pop("command"), given.pop("json", None)
    if command == "table":
        sys.stdout.write("\n".join(as_markdown(report) for path in given["files"] for report in read_reports(path)))
        return 0
    options = Options(**{**given, "workers": tuple(given["workers"]), "trees": tuple(given["trees"])})
    raise_file_limit()
    reports = []
    for name in ALL if command == "all" else [command]:
        reports.append(measure(name, options))
        sys.stdout.write(as_markdown(reports[-1]) + "\n")
    if target is not None:
        target.write_bytes(encode(reports))
    return 1 if any(report.faults for report in reports) else 0


def measure(name: str, options: Options, **others: Any) -> Report:
    """Run a command. `others` are for Run: what starts a service, say."""
    report = new_report(name, {**vars(options), "trees": [str(tree) for tree in options.trees]})
    COMMANDS[name][0](Run(options, report, **others))
    return report


def parse(arguments: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks speed", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, words) in [*COMMANDS.items(), ("all", (None, "all but peers, one after the other"))]:
        add = commands.add_parser(name, help=words, description=words).add_argument
        add("--streams", type=positive, help="how many streams or clients")
        add("--workers", type=positive, nargs="+", default=[], help="server processes, e.g. 1 2")
        words = "another checkout of the project, measured beside this one in turns; may be given several times"
        add("--tree", type=tree, action="append", default=[], dest="trees", metavar="PATH", help=words)
        add("--seconds", type=float, help="how long each measurement takes")
        add("--short", action="store_true", dest="is_short", help="quick and rough")
        add("--json", type=Path, metavar="FILE", help="write the report there, too")
        if name == "peers":
            add("--install", action="store_true", help="install the peers' packages, into var/peers")
    table = commands.add_parser("table", help="the tables of reports that --json wrote")
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
