"""What a Socket.IO client sends by HTTP: packets of Engine.IO 4, and in them those of Socket.IO 5.

See https://socket.io/docs/v4/engine-io-protocol/ and https://socket.io/docs/v4/socket-io-protocol/
"""

import re
from typing import Any, NamedTuple

import msgspec

from chatserver.errors import Invalid

SEPARATOR = "\x1e"
# An event, and an id if the client wants an acknowledgement. Only the default namespace is here.
EVENT = re.compile(r"42(?:/,)?\d*(\[.*)", re.DOTALL)
# Closing, an answer to a ping; connecting to the default namespace, leaving it.
SILENT = re.compile(r"1|3|40(?:/,)?(?:\{.*)?|41(?:/,)?", re.DOTALL)


class Emitted(NamedTuple):
    """An event that the client emitted, with its first argument (None: it has none)."""

    name: str
    data: Any


def emitted_in(payload: bytes) -> list[Emitted]:
    """The events of a request's body. Invalid if it has anything else than text packets of these protocols."""
    try:
        packets = payload.decode().split(SEPARATOR)
        return [_read_event(found[1]) for packet in packets if (found := _match(packet)) is not None]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("This is no packet of Socket.IO 5.") from error


def _match(packet: str) -> re.Match[str] | None:
    """The match of an event; None for a packet that nothing follows from. Invalid for any other."""
    found = EVENT.fullmatch(packet)
    if found is None and SILENT.fullmatch(packet) is None:
        raise Invalid("Only text events of the default namespace are served here.")
    return found


def _read_event(text: str) -> Emitted:
    match msgspec.json.decode(text, type=list[Any]):
        case [str(name)]:
            return Emitted(name, None)
        case [str(name), data, *_]:
            return Emitted(name, data)
    raise Invalid("An event begins with its name.")
