"""From the bytes of an HTTP answer to the events in it: the reader of one event stream."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec


class Event(NamedTuple):
    """A message that arrived. `began` is the reading of the monotonic clock when its POST began: it is its text."""

    room: int
    seq: int
    position: int
    began: float


class Control(NamedTuple):
    """Anything else that came: hello, reset, bye, a heartbeat (without a name), or what the peer calls them."""

    name: str
    position: int


Item = Event | Control
FRAME_END = b"\n\n"
Decode = Callable[[bytes], Item]


class FrameReader:
    """Takes an HTTP/1.1 answer apart, chunked or not, into the frames of its event stream."""

    def __init__(self) -> None:
        self.status = 0
        self._is_chunked = False
        self._raw = b""
        self._text = b""

    @property
    def is_clean(self) -> bool:
        """Whether nothing waits for its rest, so that the next bytes stand for themselves."""
        return self.status != 0 and not self._raw and not self._text

    def feed(self, data: bytes) -> list[bytes]:
        """What is whole now, in pieces of one frame or several: a chunk that holds whole frames is one piece."""
        self._raw += data
        if not self.status and not self._take_head():
            return []
        if not self._is_chunked:
            text, self._raw = self._raw, b""
            return self._pieces_of([text])
        return self._pieces_of(self._take_chunks())

    def _take_head(self) -> bool:
        head, separator, rest = self._raw.partition(b"\r\n\r\n")
        if not separator:
            return False
        self.status = int(head[9:12])
        self._is_chunked = b"transfer-encoding: chunked" in head.lower()
        self._raw = rest
        return True

    def _take_chunks(self) -> list[bytes]:
        raw, start, chunks = self._raw, 0, []
        while (end := raw.find(b"\r\n", start)) >= 0:
            first = end + 2
            behind = first + int(raw[start:end], 16)
            if len(raw) < behind + 2:
                break
            chunks.append(raw[first:behind])
            start = behind + 2
        self._raw = raw[start:]
        return chunks

    def _pieces_of(self, texts: list[bytes]) -> list[bytes]:
        pieces = []
        for text in texts:
            whole, separator, self._text = (self._text + text).rpartition(FRAME_END)
            if separator:
                pieces.append(whole + separator)
        return pieces


class _Message(msgspec.Struct):
    seq: int
    message: str


class _Data(msgspec.Struct):
    position: int
    room_id: int
    data: _Message


_data = msgspec.json.Decoder(_Data)


def decode_event(frame: bytes) -> Item:
    """A frame of ChatServer's stream; peers are sent the same `data:` as it has."""
    name, position, data = "", -1, b""
    for line in frame.splitlines():
        if line.startswith(b"data: "):
            data = line[6:]
        elif line.startswith(b"event: "):
            name = line[7:].decode()
        elif line.startswith(b"id: ") and line[4:].isdigit():
            position = int(line[4:])
    if name != "message.created":
        return Control(name, position)
    found = _data.decode(data)
    return Event(found.room_id, found.data.seq, found.position, float(found.data.message))


def frames_of(piece: bytes) -> list[bytes]:
    """The frames in a piece that a reader gave."""
    return piece.split(FRAME_END)[:-1]
