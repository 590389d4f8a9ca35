"""Reactions to messages."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from chats.models.message import Message

# The longest of Unicode's has ten code points; a short code has up to 32 characters between its colons.
MAX_EMOJI = 34


class Reaction(models.Model):
    """What somebody thinks of a message, as an emoji or a short code."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="reactions", db_index=False)
    emoji = models.CharField(max_length=MAX_EMOJI)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    reacted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "emoji", "user"], name="chats_reaction_once")]
        indexes = [models.Index(fields=["message", "id"], name="chats_reaction_page")]

    def __str__(self) -> str:
        return f"{self.emoji} at message {self.message_id}"
