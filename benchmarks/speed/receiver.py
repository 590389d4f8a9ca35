"""What receives webhooks: answers each at once, and checks that the events of a room come in their order.

These functions run in a generator's process.
"""

import asyncio
import contextlib
import json
import re
from dataclasses import dataclass, field
from functools import partial

from benchmarks.speed.generator import Worker

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
MAX_SHOWN_FAULTS = 20


@dataclass
class Arrivals:
    """What came. Repeats are allowed (at least once), steps back to what never came are not."""

    count: int = 0
    faults: list[str] = field(default_factory=list)
    # By path and room, the last position that came.
    last: dict[tuple[str, int], int] = field(default_factory=dict)

    def add(self, path: str, body: bytes) -> None:
        event = json.loads(body)
        self.count += 1
        lane = path, event["room_id"]
        if event["position"] < self.last.get(lane, 0) and len(self.faults) < MAX_SHOWN_FAULTS:
            self.faults.append(f"{lane}: position {event['position']} came after {self.last[lane]}")
        self.last[lane] = event["position"]


async def start_receiver(worker: Worker) -> int:
    """Listen; returns the port."""
    worker.arrivals = Arrivals()
    worker.server = await asyncio.start_server(partial(_serve, worker), "127.0.0.1")
    port: int = worker.server.sockets[0].getsockname()[1]
    return port


async def take_arrivals(worker: Worker) -> Arrivals:
    """What came so far."""
    return worker.arrivals


async def stop_receiver(worker: Worker) -> None:
    assert worker.server is not None
    worker.server.close()
    for writer in worker.senders:
        writer.close()


async def _serve(worker: Worker, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    worker.senders.append(writer)
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            found = LENGTH.search(head)
            body = await reader.readexactly(int(found[1]) if found else 0)
            worker.arrivals.add(head.split(b" ", 2)[1].decode(), body)
            writer.write(ANSWER)
    writer.close()
