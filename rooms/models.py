"""Rooms and who is in them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from chatserver.events.topics import room_topic
from rooms import block, invitation, join_request, unfinished  # noqa: F401 - their models are of this app, too
from rooms.member_settings import MemberSettingsRecord, Notify
from rooms.records import MemberRecord, RoomRecord
from rooms.room_settings import Allowed, History, RoomSettingsRecord
from users.external_identities import MAX_SUBJECT

GENERAL_ID = 0
MAX_NAME = 100
MAX_DESCRIPTION = 500
MAX_CLIENT_ROOM_ID = 64


class Kind(models.TextChoices):
    DIRECT = "direct"  # the same two people for ever
    OPEN = "open"  # anybody may find and join it
    CLOSED = "closed"  # only its owners and moderators add people


class Role(models.TextChoices):
    OWNER = "owner"
    MODERATOR = "moderator"
    MEMBER = "member"


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


class RoomRequest(models.Model):
    """The request that created a room, by the id that the creator gave it: so that it can be repeated safely."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="+")
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    client_room_id = models.CharField(max_length=MAX_CLIENT_ROOM_ID)
    content_hash = models.BinaryField(max_length=32, help_text="of what was asked for; the room may change since")

    class Meta:
        db_table = "rooms_room_request"
        constraints = [
            models.UniqueConstraint(fields=["creator", "client_room_id"], name="rooms_room_request_once"),
        ]

    def __str__(self) -> str:
        return self.client_room_id


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
