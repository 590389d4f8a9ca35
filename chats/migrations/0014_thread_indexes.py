"""Replies by their threads, and the places of messages in rooms that have replies. No other message is in these.

And pinned messages: whatever is out of a transaction has to be repeatable, and adding the columns of pins is not.
"""

from django.db import migrations, models
from django.db.models import F, Q

from chatserver.storage.serving_index import AddIndexWhileServing


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("chats", "0013_threads")]
    operations = [
        AddIndexWhileServing(
            "message",
            models.Index(fields=["room", "id"], condition=Q(pinned_at__isnull=False), name="chats_message_pinned"),
        ),
        AddIndexWhileServing(
            "message",
            models.Index(fields=["parent", "thread_seq"], condition=Q(parent__isnull=False), name="chats_message_reply"),
        ),
        AddIndexWhileServing(
            "message",
            models.Index(
                F("room"),
                F("seq") - F("replies_so_far"),
                condition=Q(parent__isnull=True, replies_so_far__gt=0),
                name="chats_message_place",
            ),
        ),
    ]
