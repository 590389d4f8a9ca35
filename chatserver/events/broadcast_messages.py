"""What processes tell each other by broadcast: messages of the channel layer, and who gets what is in them."""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from chatserver.events.rows import Row, from_wire

# A batch with more text than this is announced without its rows.
MAX_BROADCAST_BYTES = 512 * 1024
LOOK_MESSAGE: dict[str, Any] = {"type": "log.look"}


class Listener(Protocol):
    """Gets the messages; called in the event loop, must not block."""

    def take_rows(self, rows: list[Row]) -> None: ...
    def check_log(self) -> None: ...
    def take_ephemeral(self, topics: list[str], row: Row) -> None: ...
    def take_ephemerals(self, told: list[tuple[list[str], Row]]) -> None: ...
    def evict(self, stream_ids: list[str]) -> None: ...


def of_rows(rows: list[Row]) -> dict[str, Any]:
    """A batch with its rows, or a look where they are too large."""
    if sum(len(row.body) for row in rows) > MAX_BROADCAST_BYTES:
        return LOOK_MESSAGE
    return {"type": "log.rows", "rows": [list(row) for row in rows]}


def of_ephemeral(topics: list[str], row: Row) -> dict[str, Any]:
    return {"type": "log.ephemeral", "topics": topics, "row": list(row)}


def of_ephemerals(told: list[tuple[list[str], Row]]) -> dict[str, Any]:
    return {"type": "log.ephemerals", "told": [[topics, list(row)] for topics, row in told]}


def of_eviction(stream_ids: list[str]) -> dict[str, Any]:
    return {"type": "log.evict", "streams": stream_ids}


def hand_over(message: dict[str, Any], listener: Listener, on_batch: Callable[[], None]) -> None:
    """Give a listener what a message has; KeyError, TypeError or msgspec.ValidationError where it can't be read.

    `on_batch` is called before a batch with rows.
    """
    match message["type"]:
        case "log.rows":
            on_batch()
            listener.take_rows([from_wire(fields) for fields in message["rows"]])
        case "log.look":
            listener.check_log()
        case "log.ephemeral":
            listener.take_ephemeral(message["topics"], from_wire(message["row"]))
        case "log.ephemerals":
            listener.take_ephemerals(msgspec.convert(message["told"], list[tuple[list[str], Row]]))
        case "log.evict":
            listener.evict(message["streams"])
        case unknown:
            raise KeyError(unknown)
