"""What a frame of an event stream says to a benchmark: a message, or anything else."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from benchmarks.client.event_stream import Frame, parse_frame


class Event(NamedTuple):
    """A message that arrived. `began` is the reading of the monotonic clock when its POST began: it is its text."""

    room: int
    seq: int
    position: int
    began: float


Item = Event | Frame
Decode = Callable[[bytes], Item]


class _Message(msgspec.Struct):
    seq: int
    message: str


class _Data(msgspec.Struct):
    position: int
    room_id: int
    data: _Message


_data = msgspec.json.Decoder(_Data)


def decode_event(text: bytes) -> Item:
    """A frame of ChatServer's stream."""
    frame = parse_frame(text)
    return _event_of(frame.data) if frame.name == "message.created" else frame


def decode_peer_event(text: bytes) -> Item:
    """A frame of a peer, which delivers the same `data:`, whatever name it gives to the event."""
    frame = parse_frame(text)
    return _event_of(frame.data) if b'"message.created"' in frame.data else frame


def _event_of(data: bytes) -> Event:
    found = _data.decode(data)
    return Event(found.room_id, found.data.seq, found.position, float(found.data.message))
