"""Bytes become the same events, however they were cut on their way."""

import pytest

from benchmarks.client.event_stream import Frame, FrameReader, frames_of, parse_frame

DATA = '{"position":%d,"type":"message.created","room_id":7,"data":{"id":1,"seq":%d,"message":"12.500000","x":[]}}'
FRAMES = [
    b"retry: 4000\nid: 8\nevent: hello\ndata: {}\n\n",
    f"id: 9\nevent: message.created\ndata: {DATA % (9, 3)}\n\n".encode(),
    b"id: 9\n\n",
    f"id: 10\nevent: message.created\ndata: {DATA % (10, 4)}\n\n".encode(),
]
PARSED = [
    Frame(8, "hello", b"{}"),
    Frame(9, "message.created", (DATA % (9, 3)).encode()),
    Frame(9, "", b""),
    Frame(10, "message.created", (DATA % (10, 4)).encode()),
]


def answer(chunks: list[bytes], *, is_chunked: bool) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
    if not is_chunked:
        return head + b"\r\n" + b"".join(chunks)
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks)


def parse(reads: list[bytes]) -> tuple[list[Frame], FrameReader]:
    reader = FrameReader()
    return [parse_frame(text) for data in reads for piece in reader.feed(data) for text in frames_of(piece)], reader


@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_cut_anywhere_changes_nothing(is_chunked: bool) -> None:
    whole = answer(FRAMES, is_chunked=is_chunked)
    for cut in range(len(whole)):
        frames, reader = parse([whole[:cut], whole[cut:]])
        assert frames == PARSED
        assert reader.is_clean


def test_a_frame_may_lie_in_two_chunks() -> None:
    text = b"".join(FRAMES)
    for cut in range(len(text)):
        chunks = [part for part in (text[:cut], text[cut:]) if part]
        assert parse([answer(chunks, is_chunked=True)])[0] == PARSED


def test_a_reader_with_a_rest_is_not_clean() -> None:
    whole = answer(FRAMES, is_chunked=True)
    assert not parse([whole[:-3]])[1].is_clean
    assert not parse([whole[:10]])[1].is_clean
