"""The newest rows of the log with their frames, in memory, for cheap resumes."""

from collections import deque

from chats.stream.dialects import Dialect
from chatserver.events.rows import Row

MAX_ROWS = 4096
MAX_BYTES = 8 * 1024 * 1024


class Frame:
    """A row and its bytes on the wire. Each dialect encodes it once, when first asked."""

    __slots__ = ("_encoded", "row")

    def __init__(self, row: Row) -> None:
        self.row = row
        self._encoded: list[tuple[Dialect, bytes]] = []

    def bytes_in(self, dialect: Dialect) -> bytes:
        for known, encoded in self._encoded:
            if known is dialect:
                return encoded
        encoded = dialect.event(self.row)
        self._encoded.append((dialect, encoded))
        return encoded


class Ring:
    """Rows with positions that follow each other without a gap, the newest `MAX_ROWS` or `MAX_BYTES`."""

    def __init__(self) -> None:
        self._frames: deque[Frame] = deque()
        self._bytes = 0

    def append(self, frame: Frame) -> None:
        if self._frames and frame.row.position != self._frames[-1].row.position + 1:
            self._frames.clear()  # the log jumped: who resumes from before that reads it
            self._bytes = 0
        self._frames.append(frame)
        self._bytes += len(frame.row.body)
        while len(self._frames) > MAX_ROWS or self._bytes > MAX_BYTES:
            self._bytes -= len(self._frames.popleft().row.body)

    def redact(self, deletion: Row) -> None:
        """Take the text of a deleted message out of the event that told it."""
        start = deletion.body[: deletion.body.index(",") + 1]  # {"id":7,
        for index, frame in enumerate(self._frames):
            row = frame.row
            if row.topic == deletion.topic and row.type == "message.created" and row.body.startswith(start):
                self._frames[index] = Frame(row._replace(body=deletion.body))
                return

    def behind(self, position: int) -> list[Frame] | None:
        """The frames behind a position; None where the ring does not reach back that far."""
        if not self._frames:
            return None
        first = self._frames[0].row.position
        if position + 1 < first:
            return None
        start = max(0, position + 1 - first)
        return [self._frames[index] for index in range(start, len(self._frames))]
