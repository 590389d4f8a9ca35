"""People who ask to join a closed room."""

from django.conf import settings
from django.db import models
from django.utils import timezone

MAX_REQUEST_TEXT = 500


class JoinRequest(models.Model):
    """A person asks to be a member. Where they are one, or it was declined or withdrawn, there is no row."""

    room = models.ForeignKey("rooms.Room", models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    message = models.CharField(max_length=MAX_REQUEST_TEXT, blank=True)
    requested_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "rooms_join_request"
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="rooms_join_request_once")]

    def __str__(self) -> str:
        return f"user {self.user_id} asks for room {self.room_id}"
