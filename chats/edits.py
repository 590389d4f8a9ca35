"""The earlier texts of edited messages, for moderators: kept where CHAT_EDIT_HISTORY_DAYS says so, else nowhere."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers

from chats.examples import EXAMPLE_EDIT
from chats.models import EarlierText, Message
from chatserver.errors import Forbidden
from chatserver.http.openapi import shows
from chatserver.times import api_time
from rooms.access import membership_for
from users.models import User

FORGOTTEN_AT_ONCE = 1_000


def keep_text(message: Message) -> None:
    """Before the text is replaced."""
    if settings.CHAT_EDIT_HISTORY_DAYS:
        EarlierText.objects.create(message=message, version=message.version, text=message.text)


def forget_texts_of(message: Message) -> None:
    """All of them: the message was removed."""
    EarlierText.objects.filter(message=message).delete()


def forget_old_texts(days: int) -> int:
    """Delete what was replaced longer ago than this, in steps; everything, with 0. Returns how many."""
    old = EarlierText.objects.filter(replaced_at__lt=timezone.now() - timedelta(days=days)).order_by("replaced_at")
    total = 0
    while count := EarlierText.objects.filter(pk__in=old.values("pk")[:FORGOTTEN_AT_ONCE]).delete()[0]:
        total += count
    return total


def earlier_texts_for(person: User, message: Message) -> QuerySet[EarlierText]:
    """Those of a message in a room of the person. Forbidden unless they moderate there, or are staff."""
    if not (person.is_staff or membership_for(person, message.room_id).may_moderate):
        raise Forbidden("Earlier texts are for the room's owners and moderators, and for staff.")
    since = timezone.now() - timedelta(days=settings.CHAT_EDIT_HISTORY_DAYS)
    return EarlierText.objects.filter(message=message, replaced_at__gte=since)


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
