"""The control events of a stream: the data of hello, reset, bye and heartbeat, registered in the catalogue."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chatserver.events.catalogue import ControlEvent, register_control


def named(name: str) -> type[serializers.CharField]:
    """The class of the field `type`: the event's name once more, for clients that see the data alone."""
    return extend_schema_field({"type": "string", "const": name})(type("TypeField", (serializers.CharField,), {}))


class HelloSerializer(serializers.Serializer[Any]):
    type = named("hello")()
    position = serializers.IntegerField(help_text="where the stream begins")
    user_id = serializers.IntegerField(help_text="whose stream it is")
    resumed = serializers.BooleanField(help_text="whether what was missed follows")


class StreamResetSerializer(serializers.Serializer[Any]):
    type = named("reset")()
    reason = serializers.ChoiceField(
        [
            ("too_far_behind", "more than 2,000 events or 1 MB were missed"),
            ("trimmed", "the log no longer reaches back that far"),
            ("future", "the log does not go that far"),
            ("lost", "the log never had that position, or PostgreSQL lost it"),
            ("rejoined", "the user left a room and entered it again, and missed events of before"),
        ]
    )
    position = serializers.IntegerField(help_text="live events follow from here")


class ByeSerializer(serializers.Serializer[Any]):
    type = named("bye")()
    reason = serializers.ChoiceField(
        [
            ("shutdown", "this process is being replaced; come back"),
            ("error", "something broke here; come back"),
            ("lost", "PostgreSQL lost events that were delivered; come back"),
            ("expired", "come back with a new token or session"),
            ("logged_out", "come back with a new login"),
            ("password_changed", "come back with a new login"),
            ("banned", "do not come back"),
            ("deleted", "do not come back"),
            ("too_many_streams", "this user opened more streams than one may, and this was the oldest"),
        ]
    )


class HeartbeatSerializer(serializers.Serializer[Any]):
    type = named("heartbeat")()
    position = serializers.IntegerField(help_text="everything up to here was delivered")


register_control(
    ControlEvent(
        name="hello",
        summary="First on every stream.",
        data=HelloSerializer,
        example={"type": "hello", "position": 812, "user_id": 1, "resumed": False},
        since="1.0.0",
        has_id=True,
        has_retry=True,
    ),
    ControlEvent(
        name="reset",
        summary="What was missed can't be replayed: fetch everything anew; live events follow from `position`.",
        data=StreamResetSerializer,
        example={"type": "reset", "reason": "future", "position": 812},
        since="1.0.0",
        has_id=True,
        has_retry=False,
    ),
    ControlEvent(
        name="bye",
        summary="Last, before the server closes the stream.",
        data=ByeSerializer,
        example={"type": "bye", "reason": "shutdown"},
        since="1.0.0",
        has_id=False,
        has_retry=True,
    ),
    ControlEvent(
        name="heartbeat",
        summary="Each 15 s: the connection lives. It moves the last event id.",
        data=HeartbeatSerializer,
        example={"type": "heartbeat", "position": 812},
        since="1.1.0",
        has_id=True,
        has_retry=False,
    ),
)
