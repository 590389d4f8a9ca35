"""The names of topics."""


def user_topic(user_id: int) -> str:
    """The topic of one person's own events. They hear it without a subscription."""
    return f"user:{user_id}"


def room_topic(room_id: int) -> str:
    """The topic of a room's events."""
    return f"room:{room_id}"


# Every user is subscribed to this one: it is the topic of General.
EVERYONE = room_topic(0)
