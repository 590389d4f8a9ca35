"""Threads as people see them: their totals, their replies, and which ones somebody follows."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import F, QuerySet

from chats.access.messages import message_for
from chats.models import Message, ThreadMember
from chatserver.errors import Invalid, NotFound
from chatserver.http.pagination import Cursor
from chatserver.storage.rows import one_or_none
from rooms.models import Room
from users.models import User

TOTALS = "SELECT * FROM chats_threads(%s)"


class ThreadTotals(NamedTuple):
    """What everybody sees of a thread. `participants` are people, as JSON."""

    root_id: int
    reply_count: int
    last_seq: int
    last_reply_at: datetime
    participants: str


class FollowedThread(NamedTuple):
    """A thread, with the root, and what somebody has of it."""

    root: Message
    member: ThreadMember


def thread_totals_of(root_ids: Sequence[int]) -> dict[int, ThreadTotals]:
    """The totals of the threads that have replies, by root, in one query or none."""
    if not root_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, [list(root_ids)])
        return {row[0]: ThreadTotals(*row) for row in cursor.fetchall()}


def root_for(user: User, message_id: int) -> Message:
    """The root of the thread that a message is in, which may be the message itself. NotFound if it is not theirs."""
    message = message_for(user, message_id)
    return message if message.parent_id is None else message_for(user, message.parent_id)


def thread_of_room(user: User, room: Room, root_id: int) -> Message:
    """The root of a thread in a room that somebody is in. NotFound; Invalid where it is a reply itself."""
    root = message_for(user, root_id)
    if root.room_id != room.pk:
        raise NotFound("There is no such message in this room.", code="message_not_found", field="parent_id")
    if root.parent_id is not None:
        raise Invalid("This is a reply itself. Name the root of its thread.", field="parent_id")
    return root


def replies_page(root: Message, cursor: Cursor) -> list[Message]:
    """Up to limit + 1 replies, by their ids."""
    return cursor.slice(Message.objects.filter(parent=root).select_related("sender"), "id")


def thread_member_of(root: Message, user: User) -> ThreadMember:
    """What somebody has of a thread; nothing yet, where they have not been there."""
    found = one_or_none(ThreadMember.objects.filter(thread=root.pk, user=user))
    return found or ThreadMember(thread_id=root.pk, user=user, is_following=False)


def followed_threads(user: User, cursor: Cursor, *, only_unread: bool) -> list[FollowedThread]:
    """Up to limit + 1 threads with replies that somebody follows in their rooms, the latest reply first."""
    cursor.refuse_around()
    mine = ThreadMember.objects.filter(user=user, is_following=True, thread__reply_count__gt=0)
    mine = mine.filter(
        thread__root__room__memberships__user=user,
        thread__root__room__memberships__visible_from_seq__lte=F("thread__root__seq"),
    )
    if only_unread:
        mine = mine.filter(thread__last_seq__gt=F("read_seq"))
    rows = _behind(mine, cursor).select_related("thread__root__sender")[: cursor.limit + 1]
    return [FollowedThread(member.thread.root, member) for member in rows]


def _behind(rows: QuerySet[ThreadMember], cursor: Cursor) -> QuerySet[ThreadMember]:
    if cursor.side == "before":
        return rows.filter(thread__last_reply_id__gt=cursor.key).order_by("thread__last_reply_id")
    if cursor.side == "after":
        rows = rows.filter(thread__last_reply_id__lt=cursor.key)
    return rows.order_by("-thread__last_reply_id")
