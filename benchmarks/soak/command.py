"""`python -m benchmarks soak --minutes 10`: load with reconnects, and whether the service stays as large as it was.

Streams come, listen for a while, go (half of them without a word), and come back with their last id, while posts go on.
Each stream must hear each message once and in order. Every 15 s a line tells what the server's processes hold. The
verdict compares the last quarter of the run with the second one: the first is for pools and caches to fill.
"""

import argparse
import asyncio
import random
import sys
import time
from contextlib import closing

import uvloop

from benchmarks.soak.load import Listener, Tally, post
from benchmarks.soak.sample import Sample, Sampler, growth_of
from benchmarks.speed.service import Seed, Service

SAMPLE_SECONDS = 1.0
LINE_SECONDS = 15
# The service keeps the newest 4,096 rows for resumes. They are there before the run begins, or it would measure them.
WARM_ROWS = 5_000
WARM = """
SELECT count(chats_send(0, (SELECT min(user_id) FROM rooms_membership WHERE room_id = 0), NULL, 'warm', NULL, now(),
    '"room_id":0,"message":"warm"}')) FROM generate_series(1, %s)
"""


async def soak(service: Service, seconds: float, streams: int, rate: float, seed: int) -> tuple[list[Sample], Tally]:
    """Run the load, and take a sample each second."""
    tally, samples, dice = Tally(), [], random.Random(seed)  # noqa: S311 - a load, no secret
    until = time.monotonic() + seconds
    tokens = service.tokens
    load = [
        Listener(service.port, tokens[1 + n % (len(tokens) - 1)], tally, random.Random(dice.random())).run(until)  # noqa: S311 - a load
        for n in range(streams)
    ]
    tasks = [asyncio.create_task(work) for work in [*load, post(service.port, tokens[0], rate, tally, until)]]
    began = line_at = time.monotonic()
    with closing(Sampler(service)) as sampler:
        while time.monotonic() < until:
            samples.append(await asyncio.to_thread(sampler.sample))
            if time.monotonic() >= line_at:
                line_at += LINE_SECONDS
                say(f"{time.monotonic() - began:6.0f} s  {samples[-1]}  posts {tally.posts}  heard {tally.heard}")
            await asyncio.sleep(SAMPLE_SECONDS)
    for done in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(done, Exception):
            tally.faults.append(repr(done))
    return samples, tally


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20, help="posts a second")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    seed = Seed(users=max(20, options.streams // 4))
    with Service(seed, workers=options.workers, LOG_LEVEL="WARNING") as service:
        service.sql(WARM, WARM_ROWS)
        while service.sql("SELECT count(*) FROM events_outbox")[0][0]:
            time.sleep(0.1)
        load = soak(service, options.minutes * 60, options.streams, options.rate, options.seed)
        samples, tally = uvloop.run(load)
    growths = growth_of(samples)
    for growth in growths:
        say(str(growth))
    faults = [
        f"{growth.name} grew from {growth.early:.1f} to {growth.late:.1f}" for growth in growths if growth.is_too_much
    ]
    faults += sorted(set(tally.faults))
    if tally.refused:
        faults.append(f"{tally.refused} posts were refused")
    say(
        f"{tally.posts} posts, {tally.heard} events heard on {tally.connections} connections, {tally.resets} resets; "
        + ("flat, and nothing was missed" if not faults else "NOT FLAT: " + "; ".join(faults[:10]))
    )
    return 1 if faults else 0
