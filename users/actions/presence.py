"""People report that they do something, and choose to appear offline; and others are told how they appear."""

from collections.abc import Mapping
from functools import partial

from django.db import transaction

from chatserver.errors import Unavailable
from chatserver.events import log
from chatserver.events.topics import user_topic
from chatserver.storage.redis_client import RedisAway
from users import activity, presence
from users.access.people_online import read_statuses
from users.locking import lock_person
from users.models import User
from users.presence_changes import note_changes
from users.serializers.presence import shown_presence


def report_activity(user: User, *, is_idle: bool) -> None:
    """A person does something, so that they are not away; or nothing with this client. Unavailable if Redis is away."""
    try:
        was_away = not is_idle and activity.report(user.pk)
        if is_idle:
            activity.report_idle(user.pk)
    except RedisAway as error:
        raise Unavailable("Nobody knows who is away: Redis is away.", code="presence_unavailable") from error
    if was_away:
        note_changes([user.pk])


@transaction.atomic
def set_invisible(user: User, *, is_invisible: bool) -> User:
    """Appear offline to others, or no longer. They hear of what they see of it; one's own devices, of the choice."""
    user = lock_person(user)
    if user.is_invisible != is_invisible:
        user.is_invisible = is_invisible
        user.save(update_fields=["is_invisible"])
        transaction.on_commit(partial(note_choice, user.pk), robust=True)
        choice = {"invisible": is_invisible}
        log.emit(user_topic(user.pk), "visibility.updated", choice, actor_id=user.pk)
    return user


def note_choice(user_id: int) -> None:
    """Have it told that a person who is online chose to be invisible, or no longer.

    Of one who is offline others see no difference; to be told would show them that the person is about to come.
    """
    try:
        is_seen = bool(presence.online_among([user_id]))
    except RedisAway:
        is_seen = True
    if is_seen:
        note_changes([user_id], is_choice=True)


def tell_presence(changes: Mapping[int, bool]) -> None:
    """Tell the small rooms of these people how they appear now.

    The value says whether they have just chosen to be invisible or not, or were banned, of which others hear only
    while they are online. Of invisible people nothing else is told: others would see them come and go. Raises
    RedisAway.
    """
    columns = ("username", "is_active", "is_invisible")
    people = list(User.objects.filter(pk__in=changes).only(*columns))
    online = presence.online_among([user_id for user_id, is_choice in changes.items() if is_choice])
    people = [user for user in people if (user.pk in online if changes[user.pk] else not user.is_invisible)]
    topics = log.small_topics_of([user.pk for user in people], presence.LARGEST_PRESENCE_ROOM)
    statuses = read_statuses(people)
    told = [(topics[user.pk], shown_presence(user, statuses[user.pk])) for user in people if topics[user.pk]]
    log.emit_ephemerals("presence.changed", told)
