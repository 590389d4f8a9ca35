"""Earlier texts as JSON."""

from typing import Any

from rest_framework import serializers

from chats.examples import EXAMPLE_EDIT
from chats.models import EarlierText
from chatserver.http.openapi import shows
from chatserver.times import api_time


def shown_earlier_text(earlier: EarlierText) -> dict[str, Any]:
    """What a message said in one of its versions, until when."""
    return {
        "id": earlier.pk,
        "version": earlier.version,
        "message": earlier.text,
        "replaced_at": api_time(earlier.replaced_at),
    }


@shows(an_earlier_text=EXAMPLE_EDIT)
class EarlierTextSerializer(serializers.Serializer[EarlierText]):
    """The schema of shown_earlier_text()."""

    id = serializers.IntegerField(read_only=True)
    version = serializers.IntegerField(read_only=True)
    message = serializers.CharField(read_only=True)
    replaced_at = serializers.DateTimeField(read_only=True)
