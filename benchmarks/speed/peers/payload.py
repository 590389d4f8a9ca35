"""What a peer is given to deliver: the same bytes that ChatServer's stream has behind `data:`."""

import json
import urllib.request

from benchmarks.processes.service import Service

# Wide enough for every number of a run: JSON takes the spaces before a number, and so all events are of one length.
ROOM, SEQ, BEGAN = b"%2d", b"%6d", b"%17.6f"


def numbered_event(service: Service) -> bytes:
    """The service's newest message event as a template with three places: room, seq, and when its POST began."""
    (last,) = service.sql("SELECT max(position) FROM events_event WHERE type = 'message.created'")[0]
    request = urllib.request.Request(f"http://127.0.0.1:{service.port}/api/v1/events/?after={last - 1}&limit=1")
    request.add_header("Authorization", f"Bearer {service.tokens[0]}")
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own address
        (event,) = json.load(answer)["results"]
    return template_of(event)


def template_of(event: dict[str, object]) -> bytes:
    """The event as compact JSON, with the places in it. A peer has no position: it is 0."""
    data = event["data"]
    assert isinstance(data, dict)
    marked = {**event, "position": 0, "room_id": "ROOM", "data": {**data, "seq": "SEQ", "message": "BEGAN"}}
    text = json.dumps(marked, separators=(",", ":"), ensure_ascii=False).encode().replace(b"%", b"%%")
    return text.replace(b'"ROOM"', ROOM, 1).replace(b'"SEQ"', SEQ).replace(b"BEGAN", BEGAN)
