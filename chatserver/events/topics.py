"""The names of topics."""

from django.conf import settings


def user_topic(user_id: int) -> str:
    """The topic of one person's own events. They hear it without a subscription."""
    return f"user:{user_id}"


def room_topic(room_id: int) -> str:
    """The topic of a room's events."""
    return f"room:{room_id}"


# Every user is subscribed to this one, unless CHAT_GENERAL is off: it is the topic of General.
EVERYONE = room_topic(0)
# Where everybody sees everybody without it, they hear this one without a subscription.
PEOPLE = "people"


def topic_of_everybody() -> str | None:
    """Where all hear of a person; None where people do not hear of strangers."""
    if settings.CHAT_DIRECTORY != "everybody":
        return None
    return EVERYONE if settings.CHAT_GENERAL else PEOPLE


def topics_of_one(user_id: int) -> tuple[str, ...]:
    """What a person hears without a subscription."""
    return (user_topic(user_id), PEOPLE) if topic_of_everybody() == PEOPLE else (user_topic(user_id),)
