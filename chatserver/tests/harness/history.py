"""The messages of a room, as somebody pages through them."""

from typing import Any

from rooms.models import Room


def room_url(room: Room) -> str:
    return f"/api/v1/rooms/{room.pk}/"


def history(client: Any, room: Room, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{room_url(room)}messages/{query}").json()["results"]
    return found
