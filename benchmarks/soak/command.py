"""`python -m benchmarks soak --minutes 10`: load with reconnects, and whether the service stays as large as it was.

Streams come, stay for some seconds, go (half of them with a reset), and come back with their last id, while posts go
on. Each stream must get each message once and in order. Every 15 s a line tells what the server's processes hold. The
verdict compares the last quarter of the run with the second one: the first is for pools and caches to fill.
"""

import argparse
import asyncio
import sys
import time
from contextlib import closing

import uvloop

from benchmarks.client.general import Reader, Writer
from benchmarks.client.http import Connection
from benchmarks.processes.service import Seed, Service
from benchmarks.soak.sample import Sample, Sampler, growth_of

SAMPLE_SECONDS = 1.0
LINE_SECONDS = 15
STAY_SECONDS = (1.0, 15.0)
# The service keeps the newest 4,096 rows for resumes. They are there before the run begins, or it would measure them.
WARM_ROWS = 5_000
WARM_CLIENTS = 16


async def warm(service: Service) -> None:
    async def post(token: str) -> None:
        with closing(Connection(service.port, token)) as connection:
            for _ in range(WARM_ROWS // WARM_CLIENTS + 1):
                await connection.request("POST", "/api/v1/chats/", b'{"room_id":0,"message":"warm"}')

    await asyncio.gather(*(post(token) for token in service.tokens[:WARM_CLIENTS]))


async def soak(service: Service, seconds: float, readers: list[Reader], writer: Writer) -> list[Sample]:
    """Run the load, and take a sample each second."""
    await warm(service)
    samples = []
    tasks = [asyncio.create_task(work) for work in (*(reader.run() for reader in readers), writer.run())]
    began = line_at = time.monotonic()
    with closing(Sampler(service)) as sampler:
        while time.monotonic() < began + seconds:
            samples.append(await asyncio.to_thread(sampler.sample))
            if time.monotonic() >= line_at:
                line_at += LINE_SECONDS
                say(f"{time.monotonic() - began:6.0f} s  {samples[-1]}  posts {writer.acknowledged}")
            await asyncio.sleep(SAMPLE_SECONDS)
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended
    return samples


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20, help="posts a second")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args(arguments)
    with Service(Seed(users=max(20, options.streams // 4)), workers=options.workers) as service:
        tokens = service.tokens[1:]
        readers = [
            Reader(service.port, tokens[number % len(tokens)], stay_seconds=STAY_SECONDS)
            for number in range(options.streams)
        ]
        writer = Writer(service.port, service.tokens[0], options.rate)
        samples = uvloop.run(soak(service, options.minutes * 60, readers, writer))
    growths = growth_of(samples)
    for growth in growths:
        say(str(growth))
    faults = [
        f"{growth.name} grew from {growth.early:.1f} to {growth.late:.1f}" for growth in growths if growth.is_too_much
    ]
    faults += sorted({fault for reader in readers for fault in reader.faults})
    if writer.attempts.keys() > {"201"}:
        faults.append(f"posts were answered {dict(writer.attempts)}")
    events, connections = sum(reader.received for reader in readers), sum(reader.connections for reader in readers)
    resets = sum(reader.resets.total() for reader in readers)
    say(
        f"{writer.acknowledged} posts, {events} events on {connections} connections, {resets} resets; "
        + ("flat, and nothing was missed" if not faults else "NOT FLAT: " + "; ".join(faults[:10]))
    )
    return 1 if faults else 0
