"""What a server's log tells of things that nobody foresaw, and of history that it found lost."""

import json
import re
from pathlib import Path

BROKEN = re.compile(r'"event": "(bug|[a-z]+_broke)"|Traceback \(most recent call last\)|panicked at')
LOST = re.compile(r'"event": "history_lost"')
# A server that is killed while it starts a worker: the worker waits for what it is to run.
ORPHAN = re.compile(
    r"Traceback \(most recent call last\):\n(?:  .*\n)*?  .*multiprocessing/spawn\.py.*\n(?:  .*\n)*"
    r"EOFError: Ran out of input\n"
)
# Redis is away: that is what channels_redis says then, at each attempt.
EXPECTED = '"logger": "channels_redis.pubsub"'
KEPT = 20


def lost_positions(log: Path) -> list[int]:
    """The positions that the server had told and then did not find in the log, by its own account."""
    if not log.exists():
        return []
    with log.open(errors="replace") as lines:
        return [json.loads(line)["delivered"] for line in lines if LOST.search(line)]


def unforeseen_lines(log: Path) -> list[str]:
    """Without repeats, and not all of them."""
    found: dict[str, None] = {}
    if log.exists():
        for line in ORPHAN.sub("", log.read_text(errors="replace")).splitlines():
            if BROKEN.search(line) and EXPECTED not in line and len(found) < KEPT:
                found[line.strip()[:2000]] = None
    return list(found)
