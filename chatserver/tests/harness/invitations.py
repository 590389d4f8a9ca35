"""How people invite others to rooms in tests."""

from typing import Any

from rooms.models import Room

MINE = "/api/v1/invitations/"


def of_room(room: Room) -> str:
    return f"/api/v1/rooms/{room.pk}/invitations/"


def accept(api: Any, key: object) -> Any:
    return api.post(f"{MINE}{key}/accept/")
