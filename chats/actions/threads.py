"""People follow threads, and read them. These lock the person's row of the thread, and never the room."""

from django.db import transaction

from chats.access.message_rules import check_takes_replies
from chats.access.threads import thread_member_of
from chats.models import Message, Thread, ThreadMember
from chats.serializers.threads import shown_following
from chatserver.errors import Invalid
from chatserver.events import log
from chatserver.events.topics import user_topic
from chatserver.storage.rows import one_or_none
from users.locking import lock_active
from users.models import User


@transaction.atomic
def follow_thread(user: User, root: Message) -> ThreadMember:
    """Follow a thread; what is there counts as read. Who follows it already changes nothing.

    Conflict where the root was removed or is a system message.
    """
    lock_active(user.pk)
    check_takes_replies(root)
    member = _lock(user, root)
    if not member.is_following:
        member.is_following, member.read_seq = True, max(member.read_seq, member.thread.last_seq)
        _save(member, root)
    return member


@transaction.atomic
def unfollow_thread(user: User, root: Message) -> None:
    """Follow a thread no longer, until one replies there or is mentioned."""
    lock_active(user.pk)
    member = thread_member_of(root, user)
    if member.is_following:
        member = _lock(user, root)
        member.is_following = False
        _save(member, root)


@transaction.atomic
def mark_thread_read(user: User, root: Message, seq: int) -> ThreadMember:
    """Move one's read marker of a thread forward; a lower seq changes nothing. Invalid beyond the newest reply."""
    lock_active(user.pk)
    thread = one_or_none(Thread.objects.filter(pk=root.pk))
    last_seq = 0 if thread is None else thread.last_seq
    if seq > last_seq:
        raise Invalid(f"The newest reply is {last_seq}.", field="seq")
    if thread is None:
        return thread_member_of(root, user)
    member = _lock(user, root)
    if seq > member.read_seq:
        member.read_seq = seq
        _save(member, root)
    return member


def _lock(user: User, root: Message) -> ThreadMember:
    """What somebody has of a thread, locked; made where they had nothing."""
    Thread.objects.get_or_create(root=root)
    ThreadMember.objects.get_or_create(thread_id=root.pk, user=user, defaults={"is_following": False})
    rows = ThreadMember.objects.select_for_update(of=("self",), no_key=True).select_related("thread")
    return rows.get(thread=root.pk, user=user)


def _save(member: ThreadMember, root: Message) -> None:
    member.save(update_fields=["is_following", "read_seq"])
    told, room_id = shown_following(root.room_id, member), root.room_id
    log.emit(user_topic(member.user_id), "thread.updated", told, actor_id=member.user_id, room_id=room_id)
