"""`jwt`: posts by the JWTs of a host product and by our own tokens, into one room of one service, in turns."""

import time
from dataclasses import dataclass, field

import jwt

from benchmarks.processes.server import GENERAL
from benchmarks.processes.service import Seed, Service
from benchmarks.speed.generator import Generator
from benchmarks.speed.report import Figure, Finding
from benchmarks.speed.run import Run, Side
from benchmarks.speed.tally import Tally
from benchmarks.speed.writers import CLIENTS, keep_posting, open_writers

HOST_SECRET = "the-secret-of-the-host-product-that-is-measured"  # noqa: S105 - nobody else's
TOKEN_SECONDS = 3600
# Many and short: the machine changes within seconds.
JWT_TURNS = 12
WARM_UP_SECONDS = 1.0
# By JWT at most 5 % more.
JWT_SHARE = 0.95


@dataclass
class Way:
    """One kind of credential, and what its clients did so far."""

    name: str
    clients: Generator
    posted: Tally = field(default_factory=Tally)
    # Of the server.
    cpu_seconds: float = 0.0

    def take_turn(self, service: Service, seconds: float) -> None:
        before = service.cpu_seconds()["server"]
        self.posted.merge(self.clients.call(keep_posting, seconds, [GENERAL]))
        self.cpu_seconds += service.cpu_seconds()["server"] - before

    @property
    def figures(self) -> list[Figure]:
        latencies = self.posted.latencies
        return [
            Figure(f"by {self.name}", self.posted.rate, "/s"),
            Figure(f"p99 by {self.name}", latencies.percentile_ms(0.99), "ms"),
            Figure(f"server's time by {self.name}", self.cpu_seconds / self.posted.count * 1000, "ms"),
        ]


def measure(run: Run) -> None:
    with run.sides(Seed(users=CLIENTS), workers=1, CHAT_JWT_SECRETS=HOST_SECRET) as sides:
        for side in sides:
            measure_side(run, side)


def measure_side(run: Run, side: Side) -> None:
    ours, theirs = Way("token", side.writers), Way("JWT", side.listeners)
    ours.clients.call(open_writers, side.service.port, side.service.tokens[:CLIENTS])
    theirs.clients.call(open_writers, side.service.port, [mint(f"customer-{number}") for number in range(CLIENTS)])
    for way in (ours, theirs):
        way.clients.call(keep_posting, WARM_UP_SECONDS, [GENERAL])
    run.say(side.name)
    for _ in range(JWT_TURNS):
        for way in (ours, theirs):
            way.take_turn(side.service, run.options.pick(24, 6) / JWT_TURNS)
    share = theirs.posted.rate / ours.posted.rate
    figures = [*ours.figures, *theirs.figures, Figure("posts by JWT, of those by token", share, "", JWT_SHARE)]
    run.add(Finding(f"Posting by JWT, {CLIENTS} clients, one room, {side.name}", figures))


def mint(subject: str) -> str:
    now = int(time.time())
    claims = {"sub": subject, "iat": now, "exp": now + TOKEN_SECONDS, "name": subject.title()}
    return jwt.encode(claims, HOST_SECRET, "HS256")
