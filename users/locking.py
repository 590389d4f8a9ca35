"""Locks of people: the first in the order of locks, see rooms/locking.py.

An action also locks those whose names it writes into events, so that a deletion finds these (see
chatserver/events/redaction.py). A transaction that changes people locks no room. So those that hold the lock of a room
may lock a person, as each message does with its sender, and no two wait for each other.
"""

from collections.abc import Iterable

from django.db import connection

from chatserver.errors import Unauthorized
from users.access.people import check_found
from users.models import User

ALL_BY_ID = "SELECT * FROM users_user WHERE id = ANY(%s) ORDER BY id FOR SHARE"
ACTIVE_BY_ID = "SELECT id FROM users_user WHERE id = ANY(%s) AND is_active ORDER BY id FOR KEY SHARE"


def right_ended() -> Unauthorized:
    """For a request whose credential ended, or whose user was banned or deleted, after it was authenticated."""
    return Unauthorized("This right has just ended.", code="invalid_token")


def lock_to_change(user: User) -> None:
    """Lock a person's row, and read it again into the object. Nobody relies on its old state until the commit."""
    user.refresh_from_db(from_queryset=User.objects.select_for_update(no_key=True))


def lock_person(user: User) -> User:
    """Lock the user's row. Unauthorized if their credentials ended since the request was authenticated.

    Actions that end rights lock or write this row first. So no new right is made by one that is just ending, and no
    ticket of a token is made while that token is being deleted.
    """
    current = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    had, has = (user.password, user.session_salt), (current.password, current.session_salt)
    if not current.is_active or had != has:
        raise right_ended()
    return current


def lock_to_check(user_ids: Iterable[int]) -> dict[int, User]:
    """Lock people's rows, and read them again, by id. Nobody bans or deletes any of them until the commit."""
    return {user.pk: user for user in User.objects.raw(ALL_BY_ID, [list(user_ids)])}


def lock_to_name(user_ids: Iterable[int]) -> set[int]:
    """Those of these people who are active. Nobody deletes any of them until the commit; all else may change."""
    with connection.cursor() as cursor:
        cursor.execute(ACTIVE_BY_ID, [list(user_ids)])
        return {user_id for (user_id,) in cursor.fetchall()}


def lock_to_delete(user: User) -> None:
    """lock_to_change() that waits for their messages, too, which are just being sent (chats_send_plain.sql)."""
    user.refresh_from_db(from_queryset=User.objects.select_for_update())


def lock_active(actor_id: int, other_ids: Iterable[int] = (), *, shown_ids: Iterable[int] = ()) -> dict[int, User]:
    """Lock who acts, others who have to be active, and those who are only shown in events. Returns all of them by id.

    Unauthorized where the actor is banned or deleted by now, NotFound where one of the others is, or is not there.
    """
    people = lock_to_check({actor_id, *other_ids, *shown_ids})
    active = {pk: user for pk, user in people.items() if user.is_active}
    if actor_id not in active:
        raise right_ended()
    check_found(other_ids, active)
    return people
