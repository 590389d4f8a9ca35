"""What will break and when: drawn from the seed, so that a run can be repeated."""

from dataclasses import dataclass
from random import Random

from benchmarks.torture.options import SERVERS, Options

# What breaks -> what it concerns. Faults of one subject never overlap; those of different ones may.
KINDS = {
    "kill-worker": "server",
    "kill-server": "server",
    "freeze-worker": "server",
    "rolling-restart": "servers",
    "partition": "last",
    "isolate": "last",
    "redis-stop": "redis",
    "redis-flush": "redis",
    "redis-drop": "redis",
    "redis-freeze": "redis",
    "postgres-fast": "postgres",
    "postgres-immediate": "postgres",
    "postgres-stall": "postgres",
    "promote": "postgres",
    "cut": "network",
    "delay": "network",
    "truncate": "network",
    "hold": "network",
    "stall-readers": "readers",
}
# Loses what was acknowledged, so it comes only where it is asked for, and then this often as each of the others.
PROMOTE = "promote"
PROMOTE_TIMES = 3
# These are over at once.
INSTANT = {"kill-worker", "redis-flush", "redis-drop", "cut", "rolling-restart"}
# How long it takes at least until all is up again.
BUSY_SECONDS = {"rolling-restart": 16.0, "kill-worker": 3.0, PROMOTE: 8.0}
# From this length on the faults last as long as in the field.
FULL_SECONDS = 600.0
# As long as an idle transaction may last (idle_in_transaction_session_timeout).
FREEZE_SECONDS = 30.0
LONGEST_FAULT_SECONDS = 15.0
# Nothing else is broken then, so that nothing but Redis can be the reason for what is late.
ALONE = {"redis-stop"}
ALONE_SETTLE_SECONDS = 4.0
# The run begins and ends without faults.
LEAD_SECONDS = 3.0


@dataclass(frozen=True)
class Fault:
    """`at` is in seconds from the beginning, `seconds` how long it lasts. `server` is meant where one is concerned."""

    at: float
    kind: str
    seconds: float
    server: int
    subjects: tuple[str, ...]

    def __str__(self) -> str:
        where = f" server {self.server}" if KINDS[self.kind] in {"server", "last"} else ""
        lasts = "" if self.kind in INSTANT else f" for {self.seconds:.1f} s"
        return f"{self.at:7.1f} s  {self.kind}{where}{lasts}"


def kinds_of(options: Options) -> list[str]:
    """What may break in such a run."""
    kinds = [] if options.faults == "none" else options.faults.split(",")
    return kinds + [PROMOTE] * PROMOTE_TIMES if options.promote else kinds


def draw_schedule(seed: int, seconds: float, kinds: list[str]) -> list[Fault]:
    """Each kind once in a random order, then again, until the time is over."""
    # How long faults last, where 1 is as long as in the field.
    scale = min(1.0, max(0.1, seconds / FULL_SECONDS))
    rng = Random(f"{seed}:plan")  # noqa: S311 - it has to be the same again
    free_at: dict[str, float] = {}
    schedule: list[Fault] = []
    deck: list[str] = []
    next_at = LEAD_SECONDS
    while kinds:
        deck = deck or rng.sample(kinds, len(kinds))
        kind = deck.pop()
        lasting = 0.0 if kind in INSTANT else rng.uniform(0.5, 1.0) * max(3.0, LONGEST_FAULT_SECONDS * scale)
        if kind == "freeze-worker":
            lasting = max(3.0, FREEZE_SECONDS * scale)
        server = SERVERS - 1 if KINDS[kind] == "last" else rng.randrange(SERVERS)
        subjects = subjects_of(kind, server)
        at = max([next_at, *(free_at.get(subject, 0.0) for subject in subjects)])
        if kind in ALONE:
            at = max([at, *(moment + ALONE_SETTLE_SECONDS for moment in free_at.values())])
        if at > seconds - LEAD_SECONDS:
            return sorted(schedule, key=lambda fault: fault.at)
        busy = max(lasting, BUSY_SECONDS.get(kind, 0.0))
        if at + busy > seconds - LEAD_SECONDS:
            # Too long for what is left. The time goes on, so this ends.
            next_at += 1.0
            continue
        schedule.append(Fault(at, kind, lasting, server, subjects))
        for subject in subjects:
            # A server has to be up again before it is broken once more.
            free_at[subject] = at + busy + (4.0 if subject.startswith("server") else 1.0)
        next_at = at + lasting if kind in ALONE else next_at
        next_at += rng.uniform(0.3, 1.7) * (2.0 + 8.0 * scale)
    return schedule


def subjects_of(kind: str, server: int) -> tuple[str, ...]:
    """What such a fault breaks."""
    match KINDS[kind]:
        case "server" | "last":
            return (f"server-{server}",)
        case "servers":
            return tuple(f"server-{number}" for number in range(SERVERS))
    return (KINDS[kind],)
