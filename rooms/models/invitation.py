"""Invitations to rooms: of a person, or by a link that others pass on."""

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> QuerySet["Invitation"]:
        """Those that have not expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


class Invitation(models.Model):
    """An invitation. It ends when it is used up, declined, revoked or expired: then there is no row."""

    room = models.ForeignKey("rooms.Room", models.CASCADE, related_name="+")
    inviter = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    code_hash = models.BinaryField(max_length=32, null=True, help_text="of a link's code")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    uses_left = models.IntegerField(null=True, help_text="of a link; empty: as often as people like")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "user"], name="rooms_invitation_once"),
            models.UniqueConstraint(fields=["code_hash"], name="rooms_invitation_code"),
            models.CheckConstraint(
                name="rooms_invitation_shape",
                condition=Q(user__isnull=False, code_hash=None, uses_left=None) | Q(user=None, code_hash__isnull=False),
            ),
            models.CheckConstraint(name="rooms_invitation_uses", condition=Q(uses_left=None) | Q(uses_left__gt=0)),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk} to room {self.room_id}"
