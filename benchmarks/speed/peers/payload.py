"""What a peer is given to deliver: the same bytes that ChatServer's stream has behind `data:`."""

import asyncio
import json
from contextlib import closing
from typing import Any

from benchmarks.client.http import Connection
from benchmarks.processes.service import Service

# Wide enough for every number of a run: JSON takes the spaces before a number, and so all events are of one length.
ROOM, SEQ, BEGAN = b"%2d", b"%6d", b"%17.6f"


def numbered_event(service: Service) -> bytes:
    """The service's newest message event as a template with three places: room, seq, and when its POST began."""
    (last,) = service.sql("SELECT max(position) FROM events_event WHERE type = 'message.created'")[0]

    async def fetch() -> dict[str, Any]:
        with closing(Connection(service.port, service.tokens[0])) as connection:
            (event,) = (await connection.get(f"/api/v1/events/?after={last - 1}&limit=1")).json()["results"]
            return dict(event)

    return template_of(asyncio.run(fetch()))


def template_of(event: dict[str, Any]) -> bytes:
    """The event as compact JSON, with the places in it. A peer has no position: it is 0."""
    marked = {**event, "position": 0, "room_id": "ROOM", "data": {**event["data"], "seq": "SEQ", "message": "BEGAN"}}
    text = json.dumps(marked, separators=(",", ":"), ensure_ascii=False).encode().replace(b"%", b"%%")
    return text.replace(b'"ROOM"', ROOM, 1).replace(b'"SEQ"', SEQ).replace(b"BEGAN", BEGAN)
