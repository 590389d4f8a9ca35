"""The newest rows of the log in memory, encoded: most resumes are served from here."""

from collections import deque
from collections.abc import Iterable
from itertools import islice

from chats.stream.dialects import Dialect
from chatserver.events.redaction import Redactions
from chatserver.events.rows import Row

MAX_RECENT_ROWS = 4096
MAX_RECENT_BYTES = 8 * 1024 * 1024


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


def position_of(frame: Frame) -> int:
    """The key by which frames are sorted and searched."""
    return frame.row.position


class RecentEvents:
    """Rows with positions that follow each other without a gap, the newest `MAX_RECENT_ROWS` or `MAX_RECENT_BYTES`."""

    def __init__(self) -> None:
        # Whether older rows were dropped for lack of room; then none are put in front.
        self.is_full = False
        self._frames: deque[Frame] = deque()
        self._bytes = 0

    @property
    def first(self) -> int | None:
        """The position of the oldest row here."""
        return self._frames[0].row.position if self._frames else None

    def append(self, frame: Frame) -> None:
        if self._frames and frame.row.position != self._frames[-1].row.position + 1:
            self._frames.clear()  # the log jumped: resumes from before that are read from the log
            self._bytes = 0
        self._frames.append(frame)
        self._bytes += len(frame.row.body)
        while len(self._frames) > MAX_RECENT_ROWS or self._bytes > MAX_RECENT_BYTES:
            self._bytes -= len(self._frames.popleft().row.body)
            self.is_full = True
        self._redact([frame.row])

    def prepend(self, rows: list[Row], end: int) -> None:
        """Put rows in front that were read from the log, as far as they lead up to the first one and there is room.

        `end` is the position of the hub where nothing is here yet. A message or a person that was deleted since the
        rows were read has the deletion here, and is taken out of them too.
        """
        first = end + 1 if self.first is None else self.first
        known = len(self._frames)
        for row in reversed(rows):
            if row.position >= first:
                continue
            if row.position != first - 1:
                break  # the log jumped, or was trimmed
            if len(self._frames) >= MAX_RECENT_ROWS or self._bytes + len(row.body) > MAX_RECENT_BYTES:
                self.is_full = True
                break
            self._frames.appendleft(Frame(row))
            self._bytes += len(row.body)
            first = row.position
        self._redact(frame.row for frame in islice(self._frames, len(self._frames) - known, None))

    def _redact(self, rows: Iterable[Row]) -> None:
        """Take out of all rows what these ones say is deleted, as the log's rows were rewritten."""
        redactions = Redactions(rows)
        if not redactions:
            return
        for index, frame in enumerate(self._frames):
            row = frame.row
            redacted = redactions.redacted(row)
            if redacted is not row:
                self._bytes += len(redacted.body) - len(row.body)
                self._frames[index] = Frame(redacted)

    def after(self, position: int) -> list[Frame] | None:
        """The frames after a position; None where memory does not reach back that far."""
        if not self._frames:
            return None
        first = self._frames[0].row.position
        if position + 1 < first:
            return None
        return list(islice(self._frames, max(0, position + 1 - first), None))
