"""A stream's bytes become the same events wherever they are cut, and what broke off is none."""

import json

import pytest
from chatserver_client.events import MAX_EVENT_BYTES, Event, Frame, FrameParser, event_of

STREAM = (
    "retry: 4000\nid: 7\nevent: hello\ndata: {}\n\n: a comment\n\n"
    'id: 8\r\nevent: message.created\r\ndata: {"text":\r\ndata: "größe \u2028 🎉"}\r\n\r\n'
    "event:typing.started\rdata:x\r\rid: a\0b\ndata: y\n\ndata: cut o"
).encode()
FRAMES = [
    Frame("hello", "{}", "7", 4000),
    Frame("message.created", '{"text":\n"größe \u2028 🎉"}', "8", None),
    Frame("typing.started", "x", None, None),
    Frame("", "y", None, None),
]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64, len(STREAM)])
def test_the_pieces_do_not_matter(size: int) -> None:
    parser = FrameParser()
    pieces = [STREAM[start : start + size] for start in range(0, len(STREAM), size)]
    assert [frame for piece in pieces for frame in parser.feed(piece)] == FRAMES


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_a_cut_between_any_two_bytes_does_not_matter(ending: bytes) -> None:
    stream = STREAM[: STREAM.index(b"event:typing")].replace(b"\r\n", b"\n").replace(b"\n", ending) + b":"
    for cut in range(len(stream)):
        parser = FrameParser()
        assert [*parser.feed(stream[:cut]), *parser.feed(stream[cut:])] == FRAMES[:2]


def test_an_endless_event_is_refused() -> None:
    parser = FrameParser()
    with pytest.raises(ValueError, match="larger"):
        for _ in range(MAX_EVENT_BYTES // 1_000_000 + 2):
            list(parser.feed(b"data: " + b"x" * 1_000_000))


def test_a_body_becomes_an_event() -> None:
    body = {
        "position": 3,
        "type": "room.created",
        "room_id": 1,
        "actor_id": None,
        "at": "2026-01-01",
        "data": {"id": 1},
    }
    assert event_of(json.dumps(body | {"new": 1})) == Event("room.created", {"id": 1}, 3, 1, None, "2026-01-01")


@pytest.mark.parametrize("body", ["", "[]", "null", "{}", '{"type":1}'])
def test_anything_else_is_no_event(body: str) -> None:
    with pytest.raises(ValueError):
        event_of(body)
