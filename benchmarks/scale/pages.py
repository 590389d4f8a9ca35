"""People who read pages of General, as fast as they get them, and some who write and look whether it is there."""

import asyncio
import contextlib
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from benchmarks.client.http import Connection

LIMIT = 50


@dataclass
class Pages:
    """What was read in one span."""

    took: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    checked: int = 0

    def percentile(self, share: float) -> float:
        return sorted(self.took)[int((len(self.took) - 1) * share)] if self.took else 0.0

    def line(self, seconds: float) -> str:
        return (
            f"{len(self.took) / seconds:.0f} pages/s, p50 {self.percentile(0.5) * 1000:.1f} ms, "
            f"p99 {self.percentile(0.99) * 1000:.1f} ms, the slowest {max(self.took, default=0.0):.2f} s; "
            f"{self.checked} times somebody wrote and read, {len(self.faults)} times the past"
        )


async def read_pages(port: int, tokens: list[str], *, readers: int, checkers: int, seconds: float) -> Pages:
    """Read for so long. A checker posts and reads at a steady pace; his page must hold what he has just sent."""
    pages = Pages()
    end = time.monotonic() + seconds
    await asyncio.gather(
        *(_read(port, token, end, pages) for token in tokens[:readers]),
        *(_check(port, token, end, pages) for token in tokens[readers : readers + checkers]),
    )
    return pages


async def _read(port: int, token: str, end: float, pages: Pages) -> None:
    connection = await Connection.open(port, token)
    while time.monotonic() < end:
        await _page(connection, pages)
    connection.close()


async def _check(port: int, token: str, end: float, pages: Pages) -> None:
    connection = await Connection.open(port, token)
    while time.monotonic() < end:
        status, body = await connection.send("POST", "/api/v1/chats/", b'{"room_id":0,"message":"is it there?"}')
        if status == 201:
            sent = json.loads(body)["id"]
            shown = await _page(connection, pages, f"&around={sent}")
            pages.checked += 1
            if sent not in {message["id"] for message in shown}:
                pages.faults.append(f"message {sent} is not on the page that was read after it")
        await asyncio.sleep(0.1)
    connection.close()


async def _page(connection: Connection, pages: Pages, cursor: str = "") -> list[Any]:
    began = time.monotonic()
    status, body = await connection.get(f"/api/v1/rooms/0/messages/?limit={LIMIT}{cursor}")
    pages.took.append(time.monotonic() - began)
    if status != 200:
        pages.faults.append(f"a page answered {status}")
        return []
    results: list[Any] = json.loads(body)["results"]
    return results


async def outcomes(port: int, token: str) -> Counter[str]:
    """How the service fared with its replica, of /metrics."""
    connection = await Connection.open(port, token)
    _, body = await connection.get("/metrics")
    connection.close()
    found: Counter[str] = Counter()
    for line in body.decode().splitlines():
        if line.startswith("chat_replica_reads_total{"):
            with contextlib.suppress(ValueError):
                found[line.split('"')[1]] += int(float(line.rpartition(" ")[2]))
    return found


def share(found: Counter[str]) -> str:
    total = sum(found.values())
    return ", ".join(f"{name} {count / total:.1%}" for name, count in found.most_common()) if total else "none"
