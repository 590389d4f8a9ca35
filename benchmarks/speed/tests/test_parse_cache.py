"""What is remembered of bytes is what they say, and only of those bytes."""

import pytest

from benchmarks.client.event_stream import Frame, FrameReader
from benchmarks.speed import parse_cache
from benchmarks.speed.events import Event, Item, decode_event, decode_peer_event
from benchmarks.speed.parse_cache import KEY_BYTES, BytesCache, ParseCache
from benchmarks.speed.peers.payload import template_of

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


def test_what_begins_alike_is_not_taken_for_the_same() -> None:
    cache: BytesCache[str] = BytesCache()
    start = b"a" * KEY_BYTES
    assert [cache.get(start + end, bytes.decode)[-1] for end in (b"b", b"c", b"b", b"")] == ["b", "c", "b", "a"]


def test_bytes_that_end_something_are_not_what_they_are_alone() -> None:
    """A reader that waits for a rest must not be given what the same bytes meant to one that did not."""
    cache = ParseCache(decode_event)
    fresh, waiting = FrameReader(), FrameReader()
    for reader in (fresh, waiting):
        reader.feed(b"HTTP/1.1 200 OK\r\n\r\n")
    waiting.feed(b"event: hello\n")

    def items_of(reader: FrameReader) -> list[Item]:
        return [item for piece in cache.pieces_of(reader, b"id: 1\n\n") for item in piece.items]

    assert items_of(fresh) == [Frame(1, "", b"")]
    assert items_of(waiting) == [Frame(1, "hello", b"")]
    assert items_of(fresh) == [Frame(1, "", b"")]


def test_events_of_peers_of_one_length_are_kept_apart() -> None:
    """Without positions, and with numbers of fixed width: only what is far behind the beginning differs."""
    event = {"position": 7, "type": "message.created", "room_id": 0, "actor_id": 1, "at": "2026-11-23T06:00:00Z"}
    template = template_of({**event, "data": {"id": 1, "seq": 1, "message": "x", "sender": {"username": "seed-1"}}})
    cache: BytesCache[Item] = BytesCache()
    for seq in (1, 2):
        frame = b"id: 0\nevent: message.created\ndata: %s\n\n" % (template % (3, seq, 12.5))
        assert cache.get(frame, decode_peer_event) == Event(3, seq, 0, 12.5)


def test_a_cache_forgets_all_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_cache, "CACHE_ENTRIES", 2)
    cache: BytesCache[int] = BytesCache()
    parsed: list[bytes] = []
    for data in (b"0", b"1", b"2", b"2", b"0"):
        cache.get(data, lambda data: parsed.append(data) or int(data))
    assert parsed == [b"0", b"1", b"2", b"0"]


def test_a_frame_in_pieces_of_two_streams_is_taken_apart_once() -> None:
    decoded: list[bytes] = []

    def decode(frame: bytes) -> Item:
        decoded.append(frame)
        return decode_event(frame)

    cache = ParseCache(decode)
    for greeting in (b"event: hello\ndata: 1\n\n", b"event: hello\ndata: 2\n\n"):
        reader = FrameReader()
        (piece,) = cache.pieces_of(reader, HEAD + greeting + b"id: 1\n\n")
        assert piece.items == [Frame(None, "hello", piece.items[0].data), Frame(1, "", b"")]
    assert decoded.count(b"id: 1") == 1
