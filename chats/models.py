"""Messages."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from chats.records import MessageRecord
from rooms.models import Room

MAX_TEXT = 4000
MAX_CLIENT_ID = 64


class Message(models.Model):
    """A message. `seq` counts the messages of its room without gaps, in commit order (invariant I3).

    Rows are inserted by the SQL function chats_send_all alone.
    """

    room = models.ForeignKey(Room, models.CASCADE, related_name="messages", db_index=False)
    seq = models.BigIntegerField()
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="the other person of a direct room",
    )
    text = models.TextField()
    sent_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    client_message_id = models.CharField(max_length=MAX_CLIENT_ID, null=True)  # noqa: DJ001 - null is out of the index

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="chats_message_seq"),
            models.UniqueConstraint(
                fields=["sender", "client_message_id"],
                condition=Q(client_message_id__isnull=False),
                name="chats_message_client_id",
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], condition=Q(recipient__isnull=False), name="chats_message_inbox"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"

    @property
    def record(self) -> MessageRecord:
        """Needs the sender."""
        return MessageRecord(
            id=self.pk,
            seq=self.seq,
            recipient_id=self.recipient_id,
            room_id=self.room_id,
            text=self.text,
            sent_at=self.sent_at,
            client_message_id=self.client_message_id,
            removed_at=self.removed_at,
            sender=self.sender.record,
        )
