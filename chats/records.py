"""A message as shown_message() takes it: from a model, or from a row of an SQL function."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import NamedTuple

from chatserver.storage.records import Columns, record_maker
from users.records import PersonRecord


class MessageRecord(NamedTuple):
    """A message with its sender."""

    id: int
    seq: int
    main_seq: int
    place: int
    thread_seq: int | None
    parent_id: int | None
    has_thread: bool
    is_system: bool
    metadata: str | None
    mentions: str | None
    recipient_id: int | None
    room_id: int
    text: str
    sent_at: datetime
    client_message_id: str | None
    removed_at: datetime | None
    version: int
    edited_at: datetime | None
    has_reactions: bool
    pinned_at: datetime | None
    pinned_by_id: int | None
    sender: PersonRecord


@cache
def message_maker(columns: tuple[str, ...]) -> Callable[[Columns], MessageRecord]:
    """Makes them of the rows of chats_timeline or chats_last_messages."""
    sender = record_maker(columns, PersonRecord, renamed={"id": "sender_id"})
    return record_maker(columns, MessageRecord, sender=sender)
