"""What edited messages said before, for moderators."""

from django.db import models
from django.utils import timezone

from chats.models.message import Message


class EarlierText(models.Model):
    """What an edited message said in one of its versions. There are some only with CHAT_EDIT_HISTORY_DAYS."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="earlier_texts")
    version = models.IntegerField()
    text = models.TextField()
    replaced_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"version {self.version} of message {self.message_id}"
