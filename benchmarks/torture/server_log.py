"""What a server's log tells of things that nobody foresaw, and of history that it found lost."""

import json
import re
from collections import Counter
from collections.abc import Iterable

from benchmarks.processes.server import Server
from benchmarks.torture.oracle import Oracle

BROKEN = re.compile(r'"event": "(bug|[a-z]+_broke)"|Traceback \(most recent call last\)|panicked at')
LOST = '"event": "history_lost"'
# A server that is killed while it starts a worker: the worker waits for what it is to run.
ORPHAN = re.compile(
    r"Traceback \(most recent call last\):\n(?:  .*\n)*?  .*multiprocessing/spawn\.py.*\n(?:  .*\n)*"
    r"EOFError: Ran out of input\n"
)
# Redis is away: that is what channels_redis says then, at each attempt.
EXPECTED = '"logger": "channels_redis.pubsub"'
KEPT_LINES = 20
# Of a line, from its end: a traceback ends with what was raised.
KEPT_CHARACTERS = 800


def check_logs(servers: Iterable[Server], oracle: Oracle, counts: Counter[str]) -> None:
    """Violations that the logs tell of. `counts` gets how often a server found its history lost."""
    for server in servers:
        text = server.log.read_text(errors="replace") if server.log.exists() else ""
        # Without repeats, and not all of them.
        lines = dict.fromkeys(
            line.strip()[-KEPT_CHARACTERS:]
            for line in ORPHAN.sub("", text).splitlines()
            if BROKEN.search(line) and EXPECTED not in line
        )
        for line in list(lines)[:KEPT_LINES]:
            oracle.violations.add("unforeseen", f"{server.name} logged {line}")
        for line in text.splitlines():
            if LOST not in line:
                continue
            counts["times that a server found its history lost"] += 1
            # The position that it had told and then did not find, by its own account.
            position = json.loads(line)["delivered"]
            if oracle.history.end_of(position) is None:
                oracle.violations.add("I4", f"{server.name} took {position} for lost, which is in the log")
