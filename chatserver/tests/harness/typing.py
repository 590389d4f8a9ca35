"""Where one says in tests that one types, and what is told of it."""

from chatserver.storage.redis_client import redis_client, redis_key
from rooms.models import Room
from users.models import User

Told = list[tuple[str, int | None, int]]


def url(room: Room, parent_id: int | None = None) -> str:
    query = "" if parent_id is None else f"?parent_id={parent_id}"
    return f"/api/v1/rooms/{room.pk}/typing/{query}"


def later(room: Room, user: User, seconds: float, root_id: int = 0) -> None:
    """As if so much time had gone by since it was announced."""
    key = redis_key("typing", room.pk, root_id, user.pk)
    left = redis_client().pttl(key) - int(seconds * 1000)
    redis_client().pexpire(key, max(left, 0))
