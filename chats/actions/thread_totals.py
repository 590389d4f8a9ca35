"""The totals of a thread change when a reply is removed. (When one is sent: chats_send_rich.sql.)"""

from typing import Any

from django.db import connection
from django.db.models import F

from chats.access.threads import thread_totals_of
from chats.models import Message, Thread, ThreadMember
from chats.serializers.thread_totals import shown_changed_totals

# None of them is deleted before the commit, so that the deletion finds them in the event.
LOCK_PEOPLE = """
SELECT FROM users_user WHERE id IN (
    SELECT user_id FROM chats_thread_member WHERE thread_id = %s AND replies > 0 ORDER BY id LIMIT 3
) ORDER BY id FOR KEY SHARE
"""


def totals_without(reply: Message) -> dict[str, Any]:
    """Count a reply no longer, which is being removed. Returns the thread's new totals, as events tell them.

    Before the reply's events are rewritten: a deletion of one of the people locks events after the person, too.
    """
    thread = Thread.objects.select_for_update(no_key=True).get(pk=reply.parent_id)
    ThreadMember.objects.filter(thread=thread, user=reply.sender_id).update(replies=F("replies") - 1)
    others = Message.objects.filter(parent=reply.parent_id, removed_at=None).exclude(pk=reply.pk)
    newest = others.order_by("-thread_seq").first()
    thread.reply_count -= 1
    if newest is not None:
        thread.last_reply_at = newest.sent_at
    thread.save(update_fields=["reply_count", "last_reply_at"])
    with connection.cursor() as cursor:
        cursor.execute(LOCK_PEOPLE, [thread.pk])
    return shown_changed_totals(thread, thread_totals_of([thread.pk]).get(thread.pk))
