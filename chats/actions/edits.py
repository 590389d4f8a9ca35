"""The earlier texts of edited messages, for moderators: kept where CHAT_EDIT_HISTORY_DAYS says so, else nowhere."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from chats.models import EarlierText, Message

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
