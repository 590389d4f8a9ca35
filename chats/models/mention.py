"""Who is mentioned where."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from chats.models.message import Message
from rooms.models import Room


class Mention(models.Model):
    """A person whom a message mentions, or, without one, the whole room."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="mention_rows")
    seq = models.BigIntegerField(help_text="of the message")
    thread_seq = models.BigIntegerField(null=True, help_text="of a reply")

    class Meta:
        indexes = [
            models.Index(fields=["user", "room", "seq"], condition=Q(user__isnull=False), name="chats_mention_person"),
            models.Index(fields=["room", "seq"], condition=Q(user__isnull=True), name="chats_mention_room"),
        ]

    def __str__(self) -> str:
        return f"mention of user {self.user_id} in message {self.message_id}"
