"""Rooms."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from chatserver.events.topics import room_topic
from rooms.records import RoomRecord
from rooms.room_settings import Allowed, History, RoomSettingsRecord
from users.models import MAX_SUBJECT

GENERAL_ID = 0
MAX_NAME = 100
MAX_DESCRIPTION = 500


class Kind(models.TextChoices):
    DIRECT = "direct"  # the same two people for ever
    OPEN = "open"  # anybody may find and join it
    CLOSED = "closed"  # only its owners and moderators add people


class Room(models.Model):
    """A room. Messages get their seq under the lock of its row, so other writes to it must be rare and short."""

    kind = models.CharField(max_length=6, choices=Kind.choices)
    name = models.CharField(max_length=MAX_NAME, blank=True, default="")
    description = models.CharField(max_length=MAX_DESCRIPTION, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)
    last_seq = models.BigIntegerField(default=0, help_text="of the newest message")
    replies_count = models.BigIntegerField(
        default=0, db_default=0, help_text="of its messages these raise no main_seq: replies, and system messages"
    )
    system_count = models.BigIntegerField(
        default=0, db_default=0, help_text="of its messages these are system messages"
    )
    last_active_at = models.DateTimeField(default=timezone.now)
    # The order of the list of rooms. Taken under the lock of the row, and never from a clock.
    activity = models.BigIntegerField(
        db_default=models.Func(models.Value("rooms_activity"), function="nextval"),
        editable=False,
        help_text="rises with each activity in any room",
    )
    moved_by = models.BigIntegerField(db_default=0, editable=False, help_text="the transaction of the last activity")
    members_count = models.IntegerField(default=0)
    external_id = models.CharField(  # noqa: DJ001 - unique where there is one
        max_length=MAX_SUBJECT, null=True, blank=True, editable=False, help_text="what the host product calls it"
    )
    posting = models.CharField(
        max_length=10, choices=Allowed.choices, default=Allowed.EVERYONE, db_default=Allowed.EVERYONE
    )
    history = models.CharField(
        max_length=12, choices=History.choices, default=History.ALL, db_default=History.ALL, help_text="for newcomers"
    )
    slow_mode_seconds = models.IntegerField(default=0, db_default=0, help_text="between two messages of a member")
    edit_minutes = models.IntegerField(null=True, blank=True, help_text="for which one may edit one's messages")
    max_length = models.IntegerField(null=True, blank=True, help_text="of messages")
    pinning = models.CharField(
        max_length=10, choices=Allowed.choices, default=Allowed.MODERATORS, db_default=Allowed.MODERATORS
    )
    join_requests = models.BooleanField(default=False, db_default=False, help_text="a closed one takes them")
    metadata = models.TextField(default="{}", db_default="{}", help_text="JSON, of those who own it")
    is_blocked = models.BooleanField(default=False, db_default=False, help_text="by one of its two people")
    # The pair of a direct room, smaller id first.
    direct_low = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    direct_high = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["direct_low", "direct_high"], name="rooms_room_direct_pair"),
            models.CheckConstraint(
                name="rooms_room_direct_shape",
                # A check that is NULL passes, so a missing person must be ruled out explicitly.
                condition=Q(kind="direct", direct_low__isnull=False, direct_high__isnull=False)
                & Q(direct_low__lt=models.F("direct_high"))
                | (~Q(kind="direct") & Q(direct_low=None, direct_high=None)),
            ),
            models.CheckConstraint(name="rooms_room_kind", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="rooms_room_settings", condition=Q(posting__in=Allowed.values, pinning__in=Allowed.values)
            ),
            models.CheckConstraint(name="rooms_room_history", condition=Q(history__in=History.values)),
            models.UniqueConstraint(
                fields=["external_id"], condition=Q(external_id__isnull=False), name="rooms_room_external_id"
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"direct room {self.direct_low_id}:{self.direct_high_id}"

    @property
    def is_general(self) -> bool:
        return self.pk == GENERAL_ID

    @property
    def is_direct(self) -> bool:
        return self.kind == Kind.DIRECT

    @property
    def main_seq(self) -> int:
        """How many of its messages are texts that are no replies: what is unread is counted in these."""
        return self.last_seq - self.replies_count

    @property
    def visible_from_seq(self) -> int:
        """From which seq on somebody who joins now sees its messages. Needs the lock."""
        return 0 if self.history == History.ALL else self.last_seq + 1

    @property
    def topic(self) -> str:
        return room_topic(self.pk)

    @property
    def settings_record(self) -> RoomSettingsRecord:
        return RoomSettingsRecord._make(getattr(self, name) for name in RoomSettingsRecord._fields)

    @property
    def record(self) -> RoomRecord:
        """Needs the people of a direct room."""
        low, high = self.direct_low, self.direct_high
        return RoomRecord(
            id=self.pk,
            kind=self.kind,
            name=self.name,
            description=self.description,
            created_at=self.created_at,
            archived_at=self.archived_at,
            last_active_at=self.last_active_at,
            last_seq=self.last_seq,
            main_seq=self.main_seq,
            members_count=self.members_count,
            external_id=self.external_id,
            settings=self.settings_record,
            people=None if low is None or high is None else (low.record, high.record),
        )
