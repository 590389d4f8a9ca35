"""Messages."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from chats.records import MessageRecord
from rooms.models import Room
from rooms.room_settings import MAX_MESSAGE_LENGTH

MAX_TEXT = MAX_MESSAGE_LENGTH
MAX_CLIENT_ID = 64


class Message(models.Model):
    """A message. `seq` counts the messages of its room without gaps, in commit order (invariant I3).

    Rows are inserted by the SQL functions chats_send_texts, chats_send_rich and chats_post_system alone.
    """

    room = models.ForeignKey(Room, models.CASCADE, related_name="messages", db_index=False)
    seq = models.BigIntegerField()
    replies_so_far = models.BigIntegerField(
        default=0,
        db_default=0,
        help_text="how many of the room's messages up to this one raise no main_seq: replies, and system messages",
    )
    system_so_far = models.BigIntegerField(default=0, db_default=0, help_text="how many of these are system messages")
    is_system = models.BooleanField(default=False, db_default=False, help_text="says what its sender did in the room")
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
    version = models.IntegerField(default=1, db_default=1, help_text="rises with each edit, and with the removal")
    edits_count = models.IntegerField(default=0, db_default=0)
    edited_at = models.DateTimeField(null=True, blank=True)
    has_reactions = models.BooleanField(default=False, db_default=False, help_text="or had some")
    pinned_at = models.DateTimeField(null=True, blank=True)
    pinned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    client_message_id = models.CharField(max_length=MAX_CLIENT_ID, null=True)  # noqa: DJ001 - null is out of the index

    # Of the same room, checked under its lock. Without a constraint, which would read the whole table when it is made.
    parent = models.ForeignKey(
        "self", models.DO_NOTHING, null=True, related_name="replies", db_index=False, db_constraint=False
    )
    thread_seq = models.BigIntegerField(null=True, help_text="of a reply: counts those of its thread without gaps")
    has_thread = models.BooleanField(default=False, db_default=False, help_text="or had one")
    metadata = models.TextField(null=True, help_text="JSON, of whom sent it")  # noqa: DJ001 - null is none
    mentions = models.TextField(null=True, help_text="JSON, of what the text mentions")  # noqa: DJ001 - the same

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
            models.Index(fields=["room", "id"], condition=Q(pinned_at__isnull=False), name="chats_message_pinned"),
            models.Index(
                fields=["parent", "thread_seq"], condition=Q(parent__isnull=False), name="chats_message_reply"
            ),
            # The places in the history of a room, from its first reply on; before that they are the seqs.
            models.Index(
                F("room"),
                F("seq") - F("replies_so_far") + F("system_so_far"),
                condition=Q(parent__isnull=True, replies_so_far__gt=F("system_so_far")),
                name="chats_message_timeline",
            ),
            # Without the system messages: of the release before. To be dropped one later.
            models.Index(
                F("room"),
                F("seq") - F("replies_so_far"),
                condition=Q(parent__isnull=True, replies_so_far__gt=0),
                name="chats_message_place",
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"

    @property
    def main_seq(self) -> int:
        """How many texts of the room up to this one are no replies. 0 until it has a place."""
        return (self.seq or 0) - self.replies_so_far

    @property
    def about_seq(self) -> int:
        """By which it is decided who may see it: a reply follows the root of its thread. Needs the parent."""
        return self.seq if self.parent is None else self.parent.seq

    @property
    def scope(self) -> dict[str, Any]:
        """What log.emit() needs to decide who hears of it. Needs the parent."""
        return {"room_id": self.room_id, "about_seq": self.about_seq}

    @property
    def place(self) -> int:
        """As main_seq, with the system messages: pages count in these."""
        return self.main_seq + self.system_so_far

    @property
    def is_plain(self) -> bool:
        """Whether it is a text and nothing else."""
        return self.parent_id is None and self.metadata is None and self.mentions is None

    @property
    def record(self) -> MessageRecord:
        """Needs the sender."""
        return MessageRecord(
            id=self.pk,
            seq=self.seq,
            main_seq=self.main_seq,
            place=self.place,
            thread_seq=self.thread_seq,
            parent_id=self.parent_id,
            has_thread=self.has_thread,
            is_system=self.is_system,
            metadata=self.metadata,
            mentions=self.mentions,
            recipient_id=self.recipient_id,
            room_id=self.room_id,
            text=self.text,
            sent_at=self.sent_at,
            client_message_id=self.client_message_id,
            removed_at=self.removed_at,
            version=self.version,
            edited_at=self.edited_at,
            has_reactions=self.has_reactions,
            pinned_at=self.pinned_at,
            pinned_by_id=self.pinned_by_id,
            sender=self.sender.record,
        )
