"""Threads, and who follows them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from chats.models.message import Message


class Thread(models.Model):
    """The replies to a message. `last_seq` counts all of them, `reply_count` those that were not removed."""

    root = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="thread")
    reply_count = models.BigIntegerField(default=0)
    last_seq = models.BigIntegerField(default=0)
    last_reply_at = models.DateTimeField(null=True)
    last_reply_id = models.BigIntegerField(null=True, help_text="the place of the thread in lists")

    def __str__(self) -> str:
        return f"thread of message {self.root_id}"


class ThreadMember(models.Model):
    """A person who follows a thread, or did; how far they have read it, and how many of the replies are theirs."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="members", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    is_following = models.BooleanField()
    read_seq = models.BigIntegerField(default=0)
    replies = models.BigIntegerField(default=0, db_default=0, help_text="that were not removed")

    class Meta:
        db_table = "chats_thread_member"
        constraints = [models.UniqueConstraint(fields=["thread", "user"], name="chats_thread_member_once")]
        indexes = [
            models.Index(fields=["user", "thread"], condition=Q(is_following=True), name="chats_thread_followed"),
            models.Index(fields=["thread", "id"], condition=Q(replies__gt=0), name="chats_thread_people"),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in {self.thread}"
