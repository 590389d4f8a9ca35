"""`python -m benchmarks soak --minutes 10`: load with reconnects, and whether the service stays as large as it was.

Streams come, stay for some seconds, go (half of them with a reset), and come back with their last id, while posts go
on. Each stream must get each message once and in order. Every 15 s a line tells what the service holds. The verdict
compares the last quarter of the run with the second one: the first is for pools and caches to fill.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import uvloop

from benchmarks.client.http import Connection
from benchmarks.client.traffic import Findings, Traffic
from benchmarks.processes.progress import say
from benchmarks.processes.service import Holdings, Seed, Service

SAMPLE_SECONDS = 1.0
LINE_SAMPLES = 15
STAY_SECONDS = (1.0, 15.0)
# The service keeps the newest 4,096 rows for resumes. They are there before the run begins, or it would measure them.
WARM_ROWS = 5_000
WARM_CLIENTS = 16
# What a quarter may have more than another one, and still be as large: a share of it, and an amount.
TOLERANCE = {
    "megabytes": (0.05, 5),
    "threads": (0, 2),
    "descriptors": (0.15, 10),
    "streams": (0.15, 10),
    "database": (0, 2),
    "redis": (0, 2),
}


async def warm(service: Service) -> None:
    async def post(token: str) -> None:
        with closing(Connection(service.port, token)) as connection:
            for _ in range(WARM_ROWS // WARM_CLIENTS + 1):
                await connection.request("POST", "/api/v1/chats/", b'{"room_id":0,"message":"warm"}')

    await asyncio.gather(*(post(token) for token in service.tokens[:WARM_CLIENTS]))


async def soak(service: Service, seconds: float, readers: int, rate: float) -> tuple[list[Holdings], Findings]:
    """Run the load, and take a sample each second."""
    await warm(service)
    samples: list[Holdings] = []
    async with Traffic(
        [service.port], service.tokens, readers=readers, rate=rate, stay_seconds=STAY_SECONDS
    ) as traffic:
        began = time.monotonic()
        while time.monotonic() < began + seconds:
            samples.append(await asyncio.to_thread(service.holdings))
            if len(samples) % LINE_SAMPLES == 1:
                say(f"{samples[-1]}, posts {traffic.acknowledged}")
            await asyncio.sleep(SAMPLE_SECONDS)
        findings = await traffic.settle()
    if traffic.attempts.keys() > {"201"}:
        findings.faults.append(f"posts were answered {dict(traffic.attempts)}")
    return samples, findings


def growths_of(samples: list[Holdings]) -> Iterator[str]:
    """What has grown from the second quarter to the last."""
    quarter = len(samples) // 4
    for name, (share, amount) in TOLERANCE.items():
        early, late = (
            statistics.median(getattr(sample, name) for sample in part)
            for part in (samples[quarter : 2 * quarter], samples[-quarter:])
        )
        say(f"{name:12} {early:10.1f} -> {late:10.1f}")
        if late > early * (1 + share) + amount:
            yield f"{name} grew from {early:.1f} to {late:.1f}"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20, help="posts a second")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args(arguments)
    with Service(Seed(users=max(20, options.streams // 4)), workers=options.workers) as service:
        samples, findings = uvloop.run(soak(service, options.minutes * 60, options.streams, options.rate))
    faults = [*growths_of(samples), *findings.faults]
    verdict = "flat, and nothing was missed" if not faults else "NOT FLAT: " + "; ".join(faults[:10])
    sys.stdout.write("\n".join([*findings.lines, verdict, ""]))
    return 1 if faults else 0
