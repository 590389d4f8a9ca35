"""What the bytes of event streams say, many streams at a time.

All streams of a room are sent the same bytes. So bytes are taken apart once, and what they say is remembered.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from benchmarks.client.event_stream import Decode, Event, FrameReader, Item, frames_of
from benchmarks.speed.checker import Run, run_of

MEMORY_ENTRIES = 2_000
# So many of its first bytes tell a read from others, nearly always: more than an event, whose text is when it began.
KEY_BYTES = 512

Known = TypeVar("Known")


@dataclass(frozen=True)
class Piece:
    """What some bytes say. `run`: its events, where they follow each other as they must."""

    items: list[Item]
    run: Run | None


class Memory(Generic[Known]):
    """What is known of bytes that came before.

    Found by their beginning and compared in full: that takes a tenth of the time of hashing them.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, bytes], tuple[bytes, Known]] = {}

    def get(self, data: bytes) -> Known | None:
        known = self._known.get((len(data), data[:KEY_BYTES]))
        return known[1] if known is not None and known[0] == data else None

    def put(self, data: bytes, what: Known) -> None:
        if len(self._known) >= MEMORY_ENTRIES:
            self._known.clear()
        self._known[len(data), data[:KEY_BYTES]] = (data, what)


class Translator:
    """Takes bytes apart, for all streams of a process."""

    def __init__(self, decode: Decode) -> None:
        self._decode = decode
        self._reads: Memory[list[Piece]] = Memory()
        self._pieces: Memory[Piece] = Memory()
        self._frames: Memory[Item] = Memory()

    def pieces_of(self, reader: FrameReader, data: bytes) -> list[Piece]:
        """What a read brought. The same bytes, met by a reader that waits for no rest, say the same.

        Of a read that was cut elsewhere, the pieces that are whole are mostly known.
        """
        was_clean = reader.is_clean
        if was_clean and (known := self._reads.get(data)) is not None:
            return known
        pieces = [self._piece_of(text) for text in reader.feed(data)]
        if was_clean and reader.is_clean:
            self._reads.put(data, pieces)
        return pieces

    def _piece_of(self, text: bytes) -> Piece:
        piece = self._pieces.get(text)
        if piece is None:
            items = [self._item_of(frame) for frame in frames_of(text)]
            events = [item for item in items if isinstance(item, Event)]
            piece = Piece(items, run_of(events) if len(events) == len(items) else None)
            self._pieces.put(text, piece)
        return piece

    def _item_of(self, frame: bytes) -> Item:
        """What a frame says. Those of a piece that one stream alone got, with its own greeting, are mostly known."""
        item = self._frames.get(frame)
        if item is None:
            item = self._decode(frame)
            self._frames.put(frame, item)
        return item
