"""Which people a person may look up: everybody who is not deleted, since all share General."""

from django.db.models.functions import Lower

from chatserver.api import Cursor
from chatserver.errors import Invalid, NotFound
from users.models import User, UserQuerySet


def people_for(viewer: User) -> UserQuerySet:
    """The people this viewer may list and search."""
    return User.objects.get_queryset().present()


def search_people(viewer: User, prefix: str, cursor: Cursor) -> list[User]:
    """Up to limit + 1 people by id behind (or before) the cursor, whose username begins so, in any case."""
    people = people_for(viewer)
    if prefix:
        if "\0" in prefix:
            raise Invalid("q must not contain NUL.", field="q")
        name = User.normalize_username(prefix).lower()
        people = people.alias(lower_name=Lower("username")).filter(lower_name__startswith=name)
    return cursor.slice(people, "pk")


def user_for(viewer: User, user_id: int) -> User:
    """One person, deleted ones included (their messages point to them), or NotFound."""
    found = User.objects.filter(pk=user_id).first()
    if found is None:
        raise NotFound(f"There is no user {user_id}.")
    return found
