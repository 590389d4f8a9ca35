"""The types of events about people."""

from chatserver.events.catalogue import EventType, register
from chatserver.events.topics import EVERYONE, PEOPLE
from users.examples import EXAMPLE_PERSON
from users.serializers.people import PersonSerializer
from users.serializers.presence import EXAMPLE_PRESENCE, PresenceSerializer, VisibilitySerializer

register(
    EventType(
        name="user.created",
        summary="A person registered, or was made by staff or a backend.",
        topics=(EVERYONE, PEOPLE, "user:<user_id>"),
        heard_by="everybody; nobody but them where strangers do not see each other",
        data=PersonSerializer,
        example=EXAMPLE_PERSON,
        since="1.0.0",
        has_room=False,
    ),
    EventType(
        name="user.updated",
        summary="A person changed their name or picture, or was deleted.",
        topics=("room:<room_id>", PEOPLE, "user:<user_id>"),
        heard_by="everybody; who shares a room with them where strangers do not see each other",
        data=PersonSerializer,
        example=EXAMPLE_PERSON,
        since="1.0.0",
        has_room=False,
    ),
    EventType(
        name="presence.changed",
        summary="A person came online, went away or offline, or is back. Told once a second at most.",
        topics=("room:<room_id>",),
        heard_by="who shares a room of up to 200 people with that person; General is none",
        data=PresenceSerializer,
        example=EXAMPLE_PRESENCE,
        since="1.0.0",
        is_stored=False,
        has_room=False,
    ),
    EventType(
        name="visibility.updated",
        summary="A person chose to appear offline to others, or no longer.",
        topics=("user:<user_id>",),
        heard_by="only one's own devices",
        data=VisibilitySerializer,
        example={"invisible": True},
        since="1.1.0",
        has_room=False,
    ),
)
