"""The totals of a thread as JSON: beside its root, and in events about replies."""

from typing import Any

import msgspec
from rest_framework import serializers

from chats.access.threads import ThreadTotals
from chats.models import Thread
from chatserver.times import api_time
from users.serializers.people import PersonSerializer


def shown_totals(totals: ThreadTotals) -> dict[str, Any]:
    """The totals of a thread that has replies."""
    return {
        "reply_count": totals.reply_count,
        "last_seq": totals.last_seq,
        "last_reply_at": api_time(totals.last_reply_at),
        "participants": msgspec.json.decode(totals.participants),
    }


def shown_changed_totals(thread: Thread, totals: ThreadTotals | None) -> dict[str, Any]:
    """As events tell them: also of a thread that has no replies any more (None)."""
    none: dict[str, Any] = {"reply_count": 0, "last_seq": thread.last_seq, "last_reply_at": None, "participants": []}
    return {"root_id": thread.pk} | (none if totals is None else shown_totals(totals))


class ThreadSerializer(serializers.Serializer[Any]):
    """The totals of a thread."""

    reply_count = serializers.IntegerField(help_text="without those that were removed")
    last_seq = serializers.IntegerField(help_text="the thread_seq of the newest reply")
    last_reply_at = serializers.DateTimeField()
    participants = PersonSerializer(many=True, help_text="the first three who replied")
