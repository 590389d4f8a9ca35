"""Bytes become the same events, however they were cut on their way."""

import pytest

from benchmarks.client.event_stream import Control, Event, FrameReader, Item, decode_event, frames_of

DATA = '{"position":%d,"type":"message.created","room_id":7,"data":{"id":1,"seq":%d,"message":"12.500000","x":[]}}'
FRAMES = [
    b"retry: 4000\nid: 8\nevent: hello\ndata: {}\n\n",
    f"id: 9\nevent: message.created\ndata: {DATA % (9, 3)}\n\n".encode(),
    b"id: 9\n\n",
    f"id: 10\nevent: message.created\ndata: {DATA % (10, 4)}\n\n".encode(),
]
ITEMS = [Control("hello", 8), Event(7, 3, 9, 12.5), Control("", 9), Event(7, 4, 10, 12.5)]


def answer(chunks: list[bytes], *, is_chunked: bool) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
    if not is_chunked:
        return head + b"\r\n" + b"".join(chunks)
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks)


def items_of(reads: list[bytes]) -> tuple[list[Item], FrameReader]:
    reader = FrameReader()
    return [decode_event(frame) for data in reads for piece in reader.feed(data) for frame in frames_of(piece)], reader


@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_cut_anywhere_changes_nothing(is_chunked: bool) -> None:
    whole = answer(FRAMES, is_chunked=is_chunked)
    for cut in range(len(whole)):
        items, reader = items_of([whole[:cut], whole[cut:]])
        assert items == ITEMS
        assert reader.is_clean


def test_a_frame_may_lie_in_two_chunks() -> None:
    text = b"".join(FRAMES)
    for cut in range(len(text)):
        chunks = [part for part in (text[:cut], text[cut:]) if part]
        assert items_of([answer(chunks, is_chunked=True)])[0] == ITEMS


def test_a_reader_with_a_rest_is_not_clean() -> None:
    whole = answer(FRAMES, is_chunked=True)
    assert not items_of([whole[:-3]])[1].is_clean
    assert not items_of([whole[:10]])[1].is_clean
