"""Reads text/event-stream out of bytes that may break off anywhere."""

from typing import NamedTuple


class Frame(NamedTuple):
    """`position` is None where the frame has no id; `name` and `data` are empty in a heartbeat."""

    position: int | None
    name: str
    data: bytes


class NotSse(Exception):
    """A line that no browser would understand."""


class Chunks:
    """Takes the chunked encoding off."""

    def __init__(self) -> None:
        self._rest = b""
        # Above 0: bytes of the chunk that have yet to come. Below: of the line end behind it. 0: a size comes next.
        self._left = 0
        # The answer has ended, though the connection may stay open for another request.
        self.is_over = False

    def feed(self, data: bytes) -> bytes:
        """The bytes of the body in this piece of the connection."""
        data = self._rest + data
        body = []
        while data:
            if self._left > 0:
                body.append(data[: self._left])
                taken = len(body[-1])
                self._left -= taken
                data = data[taken:]
                if self._left == 0:
                    self._left = -2
            elif self._left < 0:
                taken = min(-self._left, len(data))
                self._left += taken
                data = data[taken:]
            else:
                line, found, after = data.partition(b"\r\n")
                if not found:
                    break
                self._left = int(line, 16)
                data = after
                if self._left == 0:
                    self.is_over = True
                    break
        self._rest = data
        return b"".join(body)


class Frames:
    """Cuts a body into frames. What breaks off in the middle of one is dropped, as a browser would."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Frame]:
        *whole, self._rest = (self._rest + data).split(b"\n\n")
        return [_parse(text) for text in whole]


def _parse(text: bytes) -> Frame:
    position, name, data = None, "", b""
    for line in text.split(b"\n"):
        field, _, value = line.partition(b": ")
        if field == b"id":
            position = int(value)
        elif field == b"event":
            name = value.decode()
        elif field == b"data":
            data += value
        elif field != b"retry":
            raise NotSse(repr(line[:200]))
    return Frame(position, name, data)
