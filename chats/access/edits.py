"""Who may see the earlier texts of edited messages."""

from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from chats.models import EarlierText, Message
from chatserver.errors import Forbidden
from rooms.access.rooms import membership_for
from users.models import User


def earlier_texts_for(person: User, message: Message) -> QuerySet[EarlierText]:
    """Those of a message in a room of the person. Forbidden unless they moderate there, or are staff."""
    if not (person.is_staff or membership_for(person, message.room_id).may_moderate):
        raise Forbidden("Earlier texts are for the room's owners and moderators, and for staff.")
    since = timezone.now() - timedelta(days=settings.CHAT_EDIT_HISTORY_DAYS)
    return EarlierText.objects.filter(message=message, replaced_at__gte=since)
