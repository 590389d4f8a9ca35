"""`python -m benchmarks.soak --minutes 10`: load with reconnects, and whether the service stays as large as it was.

Streams come, listen for a while, go (half of them without a word), and come back with their last id, while posts go on.
Each stream must hear each message once and in order. Every 15 s a line tells what the server's processes hold. The
verdict compares the last quarter of the run with the second one: the first is for pools and caches to fill.
"""

import argparse
import asyncio
import json
import os
import random
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path

import psutil
import psycopg2
import redis
import uvloop

PROJECT = Path(__file__).resolve().parent.parent
START_SECONDS = 90
LINE_SECONDS = 15
# The service keeps the newest 4,096 rows for resumes. They are there before the run begins, or it would measure them.
WARM_ROWS = 5_000
WARM = """
SELECT count(chats_send(0, (SELECT min(user_id) FROM rooms_membership WHERE room_id = 0), NULL, 'warm', NULL, now(),
    '"room_id":0,"message":"warm"}')) FROM generate_series(1, %s)
"""
# How long a stream stays, and what may be lost on the way before somebody calls it silent.
STAY_SECONDS = (1.0, 15.0)
SILENT_SECONDS = 60.0
# What a quarter may have more than another one, and still be as large: a share of it, and an amount.
TOLERANCE = {
    "megabytes": (0.05, 5),
    "threads": (0, 2),
    "descriptors": (0.15, 10),
    "streams": (0.15, 10),
    "database": (0, 2),
    "redis": (0, 2),
}


@dataclass(frozen=True)
class Sample:
    """What the service holds: memory, threads and descriptors of its processes, streams as it counts them, and what
    PostgreSQL and Redis count of its connections."""

    megabytes: float
    threads: float
    descriptors: float
    streams: float
    database: float
    redis: float


@dataclass
class Tally:
    posts: int = 0
    refused: int = 0
    heard: int = 0
    connections: int = 0
    resets: int = 0
    faults: list[str] = field(default_factory=list)


class Service:
    """A running service on engines and data of its own."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes], port: int, tokens: list[str]) -> None:
        self.port = port
        self.tokens = tokens
        self._process = psutil.Process(process.pid)
        self._database = psycopg2.connect(host=str(folder / "run"), user="postgres", dbname="chatserver")
        self._database.autocommit = True
        self._redis = redis.Redis(unix_socket_path=str(folder / "run" / "valkey.sock"))

    def ask(self, query: str, *arguments: object) -> int:
        with self._database.cursor() as cursor:
            cursor.execute(query, arguments)
            return int(cursor.fetchone()[0])  # type: ignore[index]  # all our questions have an answer

    def sample(self) -> Sample:
        # The workers; what they started in their turn are the engines.
        processes = self._process.children()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            streams = re.search(rb"^chat_streams ([0-9.]+)", answer.read(), re.MULTILINE)
        return Sample(
            megabytes=sum(process.memory_info().rss for process in processes) / 1024**2,
            threads=sum(process.num_threads() for process in processes),
            descriptors=sum(process.num_fds() for process in processes),
            streams=float(streams[1]) if streams else 0.0,
            database=self.ask("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"),
            redis=len(self._redis.client_list()),
        )

    def close(self) -> None:
        self._database.close()
        self._redis.close()


@contextmanager
def running_service(workers: int, users: int) -> Iterator[Service]:
    """Serve fresh data in production settings, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="chat-soak-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        env = {key: value for key, value in os.environ.items() if not key.startswith(("CHAT_", "DJANGO_", "PYTEST_"))}
        env |= {"CHAT_DATA_DIR": name, "DEBUG": "False", "SECRET_KEY": secrets.token_urlsafe(50)}
        env |= {"ALLOWED_HOSTS": "127.0.0.1", "LOG_LEVEL": "WARNING", "CHAT_THROTTLE_WRITES": "1000000/second"}
        env |= {"DATABASE_URL": "", "REDIS_URL": ""}
        tokens, log = folder / "tokens.tsv", folder / "log"
        for command in (["migrate", "--verbosity", "0"], ["seed", "--users", str(users), "--tokens", str(tokens)]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=PROJECT, env=env, check=True, stdout=sys.stderr)
        command = [sys.executable, "manage.py", "serve", "--port", "0", "--workers", str(workers)]
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=PROJECT, env=env, stdout=output, stderr=output)
        try:
            port = wait_until_ready(process, log)
            service = Service(folder, process, port, [line.split("\t")[2] for line in tokens.read_text().splitlines()])
            yield service
            service.close()
        finally:
            process.terminate()
            process.wait(30)


def wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> int:
    """The port, when PostgreSQL answers behind it, too."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"Listening on http://127\.0\.0\.1:(\d+)", log.read_text()):
            with suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{found[1]}/readyz", timeout=10).close()
                return int(found[1])
        time.sleep(0.1)
    raise RuntimeError(f"the service did not start:\n{log.read_text()}")


class Listener:
    """One stream in General that goes and comes back. What it hears must be the next message."""

    def __init__(self, port: int, token: str, tally: Tally, dice: random.Random) -> None:
        self._port = port
        self._token = token
        self._tally = tally
        self._dice = dice
        self._last_id = ""
        self._seq: int | None = None

    async def run(self, until: float) -> None:
        while time.monotonic() < until:
            stay = min(time.monotonic() + self._dice.uniform(*STAY_SECONDS), until)
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
            self._tally.connections += 1
            resume = f"Last-Event-ID: {self._last_id}\r\n" if self._last_id else ""
            # HTTP/1.0, so that the answer comes without chunks.
            head = (
                f"GET /api/v1/stream HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._token}\r\n{resume}\r\n"
            )
            writer.write(head.encode())
            with suppress(TimeoutError, OSError):
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + stay - time.monotonic()):
                    await self._read(reader)
            if self._dice.random() < 0.5:
                writer.transport.abort()
            else:
                writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        event, last_id, data = "", self._last_id, b""
        while line := await reader.readline():
            text = line.rstrip(b"\r\n")
            if text.startswith(b"id: "):
                last_id = text[4:].decode()
            elif text.startswith(b"event: "):
                event = text[7:].decode()
            elif text.startswith(b"data: "):
                data = text[6:]
            elif text == b"" and (data or last_id != self._last_id):
                self._last_id = last_id
                self._take(event, data)
                event, data = "", b""

    def _take(self, event: str, data: bytes) -> None:
        if event == "reset":
            self._tally.resets += 1
            self._seq = None
        elif event == "message.created":
            seq = json.loads(data)["data"]["seq"]
            if self._seq is not None and seq != self._seq + 1:
                self._tally.faults.append(f"a stream heard {seq} after {self._seq}")
            self._seq = seq
            self._tally.heard += 1


async def post(port: int, token: str, rate: float, tally: Tally, until: float) -> None:
    """Post to General, so many times a second, over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b'{"room_id":0,"message":"soak"}'
    head = f"POST /api/v1/chats/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    request = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    at = time.monotonic()
    while (now := time.monotonic()) < until:
        await asyncio.sleep(max(0.0, at - now))
        at = max(at + 1 / rate, now)
        writer.write(request)
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SILENT_SECONDS)
        length = re.search(rb"content-length: (\d+)", answer, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
        tally.posts += 1
        tally.refused += b" 201 " not in answer[:16]
    writer.close()


async def soak(service: Service, seconds: float, streams: int, rate: float, seed: int) -> tuple[list[Sample], Tally]:
    """Run the load, and sample once a second."""
    tally, samples, dice = Tally(), [], random.Random(seed)  # noqa: S311 - a load, no secret
    until = time.monotonic() + seconds
    tokens = service.tokens
    load = [
        Listener(service.port, tokens[1 + n % (len(tokens) - 1)], tally, random.Random(dice.random())).run(until)  # noqa: S311
        for n in range(streams)
    ]
    tasks = [asyncio.create_task(work) for work in [*load, post(service.port, tokens[0], rate, tally, until)]]
    began = line_at = time.monotonic()
    while time.monotonic() < until:
        samples.append(await asyncio.to_thread(service.sample))
        if time.monotonic() >= line_at:
            line_at += LINE_SECONDS
            say(f"{time.monotonic() - began:6.0f} s  {describe(samples[-1])}  posts {tally.posts}  heard {tally.heard}")
        await asyncio.sleep(1)
    for done in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(done, Exception):
            tally.faults.append(repr(done))
    return samples, tally


def describe(sample: Sample) -> str:
    return "  ".join(f"{part.name} {value:g}" for part, value in zip(fields(sample), rounded(sample), strict=True))


def rounded(sample: Sample) -> list[float]:
    return [round(value, 1) for value in astuple(sample)]


def judge(samples: list[Sample]) -> list[str]:
    """What has grown from the second quarter to the last one by more than may be."""
    quarter = len(samples) // 4
    grown = []
    for name, (share, amount) in TOLERANCE.items():
        early, late = (
            statistics.median(getattr(sample, name) for sample in part)
            for part in (samples[quarter : 2 * quarter], samples[-quarter:])
        )
        say(f"{name:12} {early:10.1f} -> {late:10.1f}")
        if late > early * (1 + share) + amount:
            grown.append(f"{name} grew from {early:.1f} to {late:.1f}")
    return grown


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20, help="posts a second")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with running_service(options.workers, users=max(20, options.streams // 4)) as service:
        service.ask(WARM, WARM_ROWS)
        while service.ask("SELECT count(*) FROM events_outbox"):
            time.sleep(0.1)
        load = soak(service, options.minutes * 60, options.streams, options.rate, options.seed)
        samples, tally = uvloop.run(load)
    faults = judge(samples) + sorted(set(tally.faults))
    if tally.refused:
        faults.append(f"{tally.refused} posts were refused")
    say(
        f"{tally.posts} posts, {tally.heard} events heard on {tally.connections} connections, {tally.resets} resets; "
        + ("flat, and nothing was missed" if not faults else "NOT FLAT: " + "; ".join(faults[:10]))
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
