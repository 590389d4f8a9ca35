"""What the bytes of event streams say, remembered: all streams of a room are sent the same bytes."""

from collections.abc import Callable
from functools import lru_cache
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

    def get(self, data: bytes, find: Callable[[bytes], Known], keep: Callable[[], bool] = lambda: True) -> Known:
        """What `find` says of these bytes, or said of the same ones. It is remembered if `keep` then says so."""
        key = (len(data), data[:KEY_BYTES])
        known = self._known.get(key)
        if known is not None and known[0] == data:
            return known[1]
        found = find(data)
        if keep():
            if len(self._known) >= CACHE_ENTRIES:
                self._known.clear()
            self._known[key] = (data, found)
        return found


class ParseCache:
    """Parses for all streams of a process."""

    def __init__(self, decode: Decode) -> None:
        # Frames of a piece that one stream alone got, with its own hello, are mostly known.
        self._decode = lru_cache(CACHE_ENTRIES)(decode)
        self._reads: BytesCache[list[Piece]] = BytesCache()
        self._pieces: BytesCache[Piece] = BytesCache()

    def pieces_of(self, reader: FrameReader, data: bytes) -> list[Piece]:
        """What a read brought. Reads are known only where the reader keeps nothing from before, nor from this one.

        Of a read that was cut elsewhere, the pieces that are whole are mostly known.
        """

        def parse(data: bytes) -> list[Piece]:
            return [self._pieces.get(text, self._piece_of) for text in reader.feed(data)]

        return self._reads.get(data, parse, lambda: reader.is_clean) if reader.is_clean else parse(data)

    def _piece_of(self, text: bytes) -> Piece:
        items = [self._decode(frame) for frame in frames_of(text)]
        events = [item for item in items if isinstance(item, Event)]
        return Piece(items, batch_of(events) if len(events) == len(items) else None)
