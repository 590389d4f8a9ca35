"""Which people a person may look up. Whom they see at all: users/access/directory.py."""

from collections.abc import Iterable
from typing import cast

from rest_framework.request import Request

from chatserver.errors import Forbidden, Invalid, NotFound
from chatserver.http.pagination import Cursor
from chatserver.storage.rows import one_or_none
from users.access.directory import known_ids, people_for
from users.models import ExternalIdentity, User, host_issuer


def caller(request: Request) -> User:
    """The authenticated user of a request."""
    return cast(User, request.user)


def search_people(viewer: User, prefix: str, cursor: Cursor) -> list[User]:
    """Up to limit + 1 people by id after (or before) the cursor, whose username begins so, ignoring case."""
    people = people_for(viewer)
    if prefix:
        if "\0" in prefix:
            raise Invalid("q must not contain NUL.", field="q")
        people = people.starting_with(prefix)
    return cursor.slice(people, "pk")


def user_for(viewer: User, user_id: int) -> User:
    """One person, deleted ones included (their messages point to them), or NotFound."""
    found = one_or_none(User.objects.filter(pk__in=known_ids(viewer, [user_id])))
    if found is None:
        raise NotFound(f"There is no user {user_id}.")
    return found


def check_may_be_spoken_for(person: User) -> None:
    """NotFound for somebody who is banned or deleted; Forbidden for staff, superusers and services."""
    check_found([person.pk], [person.pk] if person.is_active else [])
    if person.is_privileged:
        raise Forbidden("This is not for staff, superusers and services.")


def external_ids_for(viewer: User, users: Iterable[User]) -> dict[int, str]:
    """The host's ids of those of these users whose this viewer may know: a service all, others their own."""
    known = [user.pk for user in users if (viewer.is_service or user.pk == viewer.pk) and not user.is_deleted]
    if not known:
        return {}
    found = ExternalIdentity.objects.filter(issuer=host_issuer(), user__in=known)
    return dict(found.values_list("user_id", "subject"))


def user_to_log_out(viewer: User, user_id: int) -> User:
    """Oneself, or who check_may_log_out() allows; NotFound or Forbidden otherwise."""
    found = user_for(viewer, user_id)
    check_may_log_out(viewer, found)
    return found


def check_may_log_out(viewer: User, user: User) -> None:
    """Forbidden unless it is oneself, or the viewer is staff or a service and the user not above them."""
    if user != viewer and not viewer.is_trusted:
        raise Forbidden("You may only log yourself out.")
    if is_above(user, viewer):
        raise Forbidden("Only superusers may do this to staff and services.")


def is_above(user: User, other: User) -> bool:
    """Whether only superusers may change this user: staff and services, so that a moderator can't gain rights."""
    if other.is_superuser or user == other:
        return False
    return user.is_privileged


def active_people_for(viewer: User, user_ids: list[int]) -> list[User]:
    """These people, in order of their ids; NotFound where one is a stranger, not there, banned or deleted."""
    return active_people(user_ids, among=known_ids(viewer, user_ids))


def active_people(user_ids: Iterable[int], *, among: Iterable[int] | None = None) -> list[User]:
    """These people, in order of their ids; NotFound where one is not `among` some, not there, banned or deleted."""
    wanted = user_ids if among is None else among
    people = list(User.objects.filter(pk__in=wanted, is_active=True).order_by("pk"))
    check_found(user_ids, [person.pk for person in people])
    return people


def check_found(wanted: Iterable[int], found: Iterable[int]) -> None:
    """NotFound where one of the wanted ids of people is not among the found ones."""
    missing = set(wanted) - set(found)
    if missing:
        raise NotFound(f"User {min(missing)} is not there, or not active.", code="user_not_found", field="user_id")
