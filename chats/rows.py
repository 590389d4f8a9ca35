"""Messages as lists read them: what shown_message() needs. Models are slow to make by the hundred."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from users.rows import PersonRow


class MessageRow(NamedTuple):
    """A message with its sender."""

    pk: int
    seq: int
    recipient_id: int | None
    room_id: int
    text: str
    sent_at: datetime
    client_message_id: str | None
    removed_at: datetime | None
    sender: PersonRow

    @property
    def sender_id(self) -> int:
        return self.sender.pk


def message_row(row: Sequence[Any]) -> MessageRow:
    """The message in a row of chats_at or of chats_page."""
    return MessageRow._make((*row[:8], PersonRow._make(row[8:])))
