"""Who sees whom: CHAT_DIRECTORY says whom people find, by list, search and id. Services and staff see everybody.

People whom one does not see are strangers: they are answered like people who are not there, with the same queries.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from users.models import User, UserQuerySet


def _nobody(viewer: User) -> QuerySet[Any]:
    return User.objects.none().values("pk")


# The ids of the people with whom somebody shares a room. The app above replaces it when it starts.
acquaintances: Callable[[User], QuerySet[Any]] = _nobody


def sees_everybody(viewer: User) -> bool:
    return settings.CHAT_DIRECTORY == "everybody" or viewer.is_trusted


def people_for(viewer: User) -> UserQuerySet:
    """The people this viewer may list and search."""
    people = User.objects.get_queryset().present()
    if sees_everybody(viewer):
        return people
    if settings.CHAT_DIRECTORY == "nobody":
        return people.filter(pk=viewer.pk)
    return people.filter(Q(pk=viewer.pk) | Q(pk__in=acquaintances(viewer)))


def known_ids(viewer: User, user_ids: Iterable[int]) -> set[int]:
    """Those of these ids that the viewer may look up: who shares a room with them, also where nobody is listed."""
    wanted = set(user_ids)
    if sees_everybody(viewer):
        return wanted
    theirs = acquaintances(viewer).filter(user_id__in=wanted)
    return wanted & {viewer.pk, *theirs.values_list("user_id", flat=True)}
