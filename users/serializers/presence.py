"""Who is online or away, as JSON, and the body that makes one invisible."""

from typing import Any

from rest_framework import serializers

from chatserver.http.fields import FlagField
from chatserver.http.openapi import shows
from users.examples import EXAMPLE_PERSON
from users.models import User
from users.presence_status import PRESENCE_STATUSES, Status
from users.records import PersonRecord
from users.serializers.people import PersonSerializer, shown_person

EXAMPLE_PRESENCE = {"id": 1, "username": "Adam", "online": True, "status": "away"}


def shown_with_presence(person: PersonRecord, status: Status | None) -> dict[str, Any]:
    """A person, and how they appear now; None where nobody knows."""
    return {**shown_person(person), "online": None if status is None else status != Status.OFFLINE, "status": status}


def shown_presence(user: User, status: Status) -> dict[str, Any]:
    return {"id": user.pk, "username": user.username, "online": status != Status.OFFLINE, "status": status}


class PresenceSerializer(serializers.Serializer[Any]):
    """How a person appears now; `online` also where they are away."""

    id = serializers.IntegerField(read_only=True)
    username = serializers.CharField(read_only=True)
    online = serializers.BooleanField(read_only=True)
    status = serializers.ChoiceField(PRESENCE_STATUSES, read_only=True)


@shows(away={**EXAMPLE_PERSON, "status": "away"})
class OnlinePersonSerializer(PersonSerializer):
    """A person who is online."""

    status = serializers.ChoiceField([Status.ONLINE.value, Status.AWAY.value], read_only=True)


@shows(visible={"invisible": False, "status": "online"})
class OwnPresenceSerializer(serializers.Serializer[Any]):
    """How I appear to others."""

    invisible = serializers.BooleanField(read_only=True)
    status = serializers.ChoiceField(PRESENCE_STATUSES, read_only=True)


@shows(active={}, idle={"idle": True})
class ActivitySerializer(serializers.Serializer[Any]):
    """Whether one does something with a client, or nothing."""

    idle = FlagField(default=False)


@shows(invisible={"invisible": True})
class VisibilitySerializer(serializers.Serializer[Any]):
    """Whether one appears offline to others, whatever one does."""

    invisible = FlagField()
