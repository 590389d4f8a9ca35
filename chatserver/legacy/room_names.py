"""The old chat-service's names of rooms: "1:3" for a direct room, smaller user id first, else the id as text."""

from typing import Any

from rooms.models import Room
from rooms.serializers.rooms import shown_room


def legacy_room_id(room_id: int, sender_id: int, recipient_id: int | None) -> str:
    """The old name of the room of a message."""
    return str(room_id) if recipient_id is None else pair_name(sender_id, recipient_id)


def pair_name(one: int, other: int) -> str:
    low, high = sorted((one, other))
    return f"{low}:{high}"


def legacy_room_of_people(room_id: int, name: str, people: list[dict[str, Any]] | None) -> dict[str, Any]:
    """A room as the old API shows it: {"id":"1:3","names":[["Adam"],["Taylor"]]} or {"id":"0","names":["General"]}."""
    if people is None:
        return {"id": str(room_id), "names": [name]}
    return {"id": pair_name(people[0]["id"], people[1]["id"]), "names": [[person["username"]] for person in people]}


def legacy_room(room: Room) -> dict[str, Any]:
    """The same, of a Room with its two people."""
    return legacy_room_of_people(room.pk, room.name, shown_room(room.record)["people"])
