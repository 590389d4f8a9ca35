"""Who is in a room, and who left it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from rooms.member_settings import MemberSettingsRecord, Notify
from rooms.models.room import Room
from rooms.records import MemberRecord
from rooms.room_settings import Allowed


class Role(models.TextChoices):
    OWNER = "owner"
    MODERATOR = "moderator"
    MEMBER = "member"


class Membership(models.Model):
    """A person's membership in a room: their role, how far they have read, and what they set for themselves."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=9, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(default=timezone.now)
    read_seq = models.BigIntegerField(default=0, help_text="of the newest message that they have read")
    shown_seq = models.BigIntegerField(
        null=True, editable=False, help_text="read_seq before it moved back, which only they were told"
    )
    read_replies = models.BigIntegerField(
        default=0, db_default=0, help_text="what raises no main_seq among what they have read"
    )
    visible_from_seq = models.BigIntegerField(
        default=0, db_default=0, help_text="they see no older messages, nor replies to these"
    )
    has_written = models.BooleanField(default=False, db_default=False, help_text="since they joined")
    last_wrote_at = models.DateTimeField(null=True, blank=True)
    notify = models.CharField(max_length=8, choices=Notify.choices, default=Notify.ALL, db_default=Notify.ALL)
    muted_until = models.DateTimeField(null=True, blank=True)
    is_pinned = models.BooleanField(default=False, db_default=False)
    hidden_seq = models.BigIntegerField(null=True, blank=True, help_text="the room's main_seq when it was hidden")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "user"], name="rooms_membership_once"),
            models.CheckConstraint(name="rooms_membership_role", condition=Q(role__in=Role.values)),
            models.CheckConstraint(name="rooms_membership_notify", condition=Q(notify__in=Notify.values)),
        ]
        # Who may become owner, the oldest first: rooms have many members who are neither. Ids rise, clocks may not.
        indexes = [
            models.Index(fields=["room", "id"], condition=~Q(role="member"), name="rooms_membership_oldest"),
            models.Index(fields=["room", "id"], condition=Q(has_written=True), name="rooms_membership_first_wrote"),
        ]

    def __str__(self) -> str:
        # The admin's audit keeps this, also when the person is deleted.
        return f"user {self.user_id} in room {self.room_id}"

    @property
    def record(self) -> MemberRecord:
        """Needs the user."""
        return MemberRecord(
            room_id=self.room_id,
            role=self.role,
            joined_at=self.joined_at,
            read_seq=self.shown_read_seq,
            user=self.user.record,
        )

    @property
    def shown_read_seq(self) -> int:
        """How far others know that they have read. Only one's own devices hear of a marker that moves back."""
        return max(self.read_seq, self.shown_seq or 0)

    @property
    def settings_record(self) -> MemberSettingsRecord:
        return MemberSettingsRecord(self.notify, self.muted_until, self.is_pinned, self.hidden_seq)

    @property
    def read_main_seq(self) -> int:
        """As Room.main_seq, of what they have read."""
        return self.read_seq - self.read_replies

    @property
    def is_owner(self) -> bool:
        return self.role == Role.OWNER

    @property
    def may_moderate(self) -> bool:
        return self.role in (Role.OWNER, Role.MODERATOR)

    @property
    def may_post(self) -> bool:
        """Needs the room."""
        return self.may_moderate or self.room.posting == Allowed.EVERYONE

    @property
    def may_pin(self) -> bool:
        """Needs the room. Nobody moderates a direct one."""
        return self.may_moderate or self.room.is_direct or self.room.pinning == Allowed.EVERYONE

    def outranks(self, other: "Membership") -> bool:
        """Owners may act on everybody, moderators on members."""
        return self.is_owner or (self.role == Role.MODERATOR and other.role == Role.MEMBER)


class Leaver(models.Model):
    """A person who left a room by themselves, and when: others do not add them again for a day.

    For a room with an external id these are kept until the person is in again, also of those who were removed (left_at
    is None): claims of a token do not bring them back.
    """

    room = models.ForeignKey(Room, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="rooms_leaver_once")]

    def __str__(self) -> str:
        return f"{self.user} left {self.room}"
