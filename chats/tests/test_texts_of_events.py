"""Which texts events have: of each it is known whether it can name a person (I9)."""

from collections.abc import Iterator
from typing import Any

from rest_framework import serializers

from chatserver.events import catalogue
from chatserver.http.fields import MetadataField
from users.serializers.people import PersonSerializer

# What a text in the data of a stored event may be, other than the name and the picture of a person.
WRITTEN_BY_PEOPLE = {"message", "metadata", "emoji", "reactions.emoji", "client_message_id", "attachments"}
OF_ROOMS = {"name", "description", "external_id", "room_external_id", "room.name", "room.description"}
REDACTED = {"recipients.external_id"}


def texts_of(data: serializers.BaseSerializer[Any], path: str = "") -> Iterator[str]:
    """Where any text can be in what this serializer shows, but for people."""
    shape = data.child if isinstance(data, serializers.ListSerializer) else data
    if isinstance(shape, PersonSerializer):
        return
    assert isinstance(shape, serializers.Serializer)
    for name, field in shape.fields.items():
        inner = field.child if isinstance(field, serializers.ListField) else field
        if isinstance(inner, serializers.BaseSerializer):
            yield from texts_of(inner, f"{path}{name}.")
        elif isinstance(inner, serializers.CharField | serializers.DictField | MetadataField):
            yield path + name


def test_no_event_has_a_text_of_which_nobody_thought_here() -> None:
    """A new one either can't name a person, or has to be taken out when they are deleted."""
    found = {text for each in catalogue.TYPES.values() if each.is_stored for text in texts_of(each.data())}
    assert found == WRITTEN_BY_PEOPLE | OF_ROOMS | REDACTED
