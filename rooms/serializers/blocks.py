"""Blocks as JSON."""

from typing import Any

from rest_framework import serializers

from chatserver.http.openapi import shows
from chatserver.times import api_time
from rooms.models import Block
from users.examples import EXAMPLE_PERSON
from users.serializers.people import PersonSerializer, shown_person

EXAMPLE_BLOCK = {"user": EXAMPLE_PERSON, "blocked_at": "2026-11-22T13:33:24Z"}


def shown_block(block: Block) -> dict[str, Any]:
    """Whom I block, and since when. Needs the blocked."""
    return {"user": shown_person(block.blocked.record), "blocked_at": api_time(block.blocked_at)}


@shows(a_block=EXAMPLE_BLOCK)
class BlockSerializer(serializers.Serializer[Block]):
    """The schema of shown_block()."""

    user = PersonSerializer(read_only=True)
    blocked_at = serializers.DateTimeField(read_only=True)
