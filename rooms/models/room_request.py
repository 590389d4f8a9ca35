"""Requests that made a room, so that a repeat makes no other."""

from django.conf import settings
from django.db import models

from rooms.models import (
    block,  # noqa: F401 - their models are of this app, too
    invitation,  # noqa: F401 - their models are of this app, too
    join_request,  # noqa: F401 - their models are of this app, too
    unfinished,  # noqa: F401 - their models are of this app, too
)
from rooms.models.room import Room

MAX_CLIENT_ROOM_ID = 64


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
