"""Locks of people: the first in the order of locks, see rooms/locking.py.

A transaction that changes people locks no room. So those that hold the lock of a room may lock a person to check them,
as PostgreSQL itself does for the sender of each message, and no two wait for each other.
"""

from collections.abc import Iterable

from chatserver.errors import Unauthorized
from users.access import check_found
from users.models import User

ALL_BY_ID = "SELECT * FROM users_user WHERE id = ANY(%s) ORDER BY id FOR SHARE"


def lock_to_change(user: User) -> None:
    """Lock a person's row, and read it again into the object. Nobody relies on its old state until the commit."""
    user.refresh_from_db(from_queryset=User.objects.select_for_update(no_key=True))


def lock_to_check(user_ids: Iterable[int]) -> dict[int, User]:
    """Lock people's rows, and read them again, by id. Nobody bans or deletes any of them until the commit."""
    return {user.pk: user for user in User.objects.raw(ALL_BY_ID, [list(user_ids)])}


def lock_active(actor_id: int, other_ids: Iterable[int] = ()) -> dict[int, User]:
    """The same for who acts, and for others who have to be active.

    Unauthorized where the actor is banned or deleted by now, NotFound where one of the others is, or is not there.
    """
    active = {pk: user for pk, user in lock_to_check({actor_id, *other_ids}).items() if user.is_active}
    if actor_id not in active:
        raise Unauthorized("This right has just ended.")
    check_found(other_ids, active)
    return active
