"""What others hear of people: that they are there, what they are called, that they are gone.

Where CHAT_DIRECTORY is narrow, nobody hears of strangers. Then the apps above tell those who share something with them.
"""

from collections.abc import Callable, Sequence
from typing import Any

from chatserver.events import log
from chatserver.events.topics import topic_of_everybody, user_topic
from users.models import User
from users.serializers.people import shown_person

# What the apps above do there when people have a new name or picture, or none any more: in the same transaction. They
# lock no rooms in it.
on_profiles_changed: list[Callable[[Sequence[User]], None]] = []


def tell_created(users: Sequence[User]) -> None:
    """Emit what all hear of new people; where people do not hear of strangers, only they themselves and whole feeds."""
    # Events of one statement have one actor.
    log.emit_each("user.created", _told(users), actor_id=users[0].pk if len(users) == 1 else None)


def tell_updated(users: Sequence[User], *, actor_id: int | None) -> None:
    """Emit people's new profiles. Where people do not hear of strangers, their rooms hear it after the commit."""
    log.emit_each("user.updated", _told(users), actor_id=actor_id)
    if topic_of_everybody() is None:
        for act in on_profiles_changed:
            act(users)


def _told(users: Sequence[User]) -> list[tuple[str, Any]]:
    everybody = topic_of_everybody()
    return [(everybody or user_topic(user.pk), shown_person(user.record)) for user in users]
