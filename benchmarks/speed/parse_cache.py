"""What the bytes of event streams say, remembered: all streams of a room are sent the same bytes."""

from typing import Generic, NamedTuple, TypeVar

from benchmarks.client.event_stream import FrameReader, frames_of
from benchmarks.speed.checker import Batch, batch_of
from benchmarks.speed.events import Decode, Event, Item

CACHE_ENTRIES = 2_000
# So many of its first bytes tell a read from others, nearly always: more than an event, whose text is when it began.
KEY_BYTES = 512

Known = TypeVar("Known")


class Piece(NamedTuple):
    """What some bytes say. `batch`: its events, where there is nothing else and each follows the one before."""

    items: list[Item]
    batch: Batch | None


class BytesCache(Generic[Known]):
    """Found by the first bytes and compared in full: that takes a tenth of the time of hashing all of them."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, bytes], tuple[bytes, Known]] = {}

    def get(self, data: bytes) -> Known | None:
        known = self._known.get((len(data), data[:KEY_BYTES]))
        return known[1] if known is not None and known[0] == data else None

    def put(self, data: bytes, known: Known) -> None:
        if len(self._known) >= CACHE_ENTRIES:
            self._known.clear()
        self._known[len(data), data[:KEY_BYTES]] = (data, known)


class ParseCache:
    """Parses for all streams of a process."""

    def __init__(self, decode: Decode) -> None:
        self._decode = decode
        self._reads: BytesCache[list[Piece]] = BytesCache()
        self._pieces: BytesCache[Piece] = BytesCache()
        self._frames: BytesCache[Item] = BytesCache()

    def pieces_of(self, reader: FrameReader, data: bytes) -> list[Piece]:
        """What a read brought. Reads are known only where the reader keeps nothing from before, nor from this one.

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
            piece = Piece(items, batch_of(events) if len(events) == len(items) else None)
            self._pieces.put(text, piece)
        return piece

    def _item_of(self, frame: bytes) -> Item:
        """Those of a piece that one stream alone got, with its own hello, are mostly known."""
        item = self._frames.get(frame)
        if item is None:
            item = self._decode(frame)
            self._frames.put(frame, item)
        return item
