"""Who is online, for those who may know it. Invisible people are not."""

from collections.abc import Iterable, Sequence

from chatserver.errors import Unavailable
from chatserver.events import log
from chatserver.http.pagination import Cursor
from chatserver.storage.redis_client import RedisAway
from users import activity, presence
from users.access.directory import known_ids
from users.models import User
from users.presence_status import Status


def online_ids(among: Sequence[int] | None = None) -> set[int]:
    """Everybody who is online, or those of some; invisible people, too. Unavailable while Redis is away."""
    try:
        return presence.online_ids() if among is None else presence.online_among(among)
    except RedisAway as error:
        raise _unavailable() from error


def online_people(viewer: User, cursor: Cursor, among: Sequence[int] | None = None) -> list[User]:
    """Up to limit + 1 of the people who appear online, by id, as Cursor.slice().

    With `among`, of those whom the viewer may look up. Otherwise of those who share a room with them that is not too
    large, and themselves: so much is to do as they know people, however many others are online.
    """
    cursor.refuse_around()
    if among is None:
        candidates = log.sharing_a_small_topic(viewer.pk, presence.LARGEST_PRESENCE_ROOM) | {viewer.pk}
    else:
        candidates = known_ids(viewer, among)
    online = online_ids(sorted(candidates))
    return cursor.slice(User.objects.get_queryset().appearing().filter(pk__in=online), "pk")


def statuses_of(people: Sequence[User]) -> dict[int, Status]:
    """How these people appear to others, by id. Unavailable while Redis is away."""
    try:
        return read_statuses(people)
    except RedisAway as error:
        raise _unavailable() from error


def statuses_by_id(user_ids: Iterable[int]) -> dict[int, Status]:
    """statuses_of() the people with these ids."""
    return statuses_of(list(User.objects.filter(pk__in=list(user_ids)).only("is_invisible", "is_active")))


def read_statuses(people: Sequence[User]) -> dict[int, Status]:
    """statuses_of(), which raises RedisAway."""
    online = presence.online_among([user.pk for user in people if user.is_appearing])
    away = activity.away_among(sorted(online))
    found = dict.fromkeys([user.pk for user in people], Status.OFFLINE)
    return found | dict.fromkeys(online, Status.ONLINE) | dict.fromkeys(away, Status.AWAY)


def _unavailable() -> Unavailable:
    return Unavailable("Nobody knows who is online: Redis is away.", code="presence_unavailable")
