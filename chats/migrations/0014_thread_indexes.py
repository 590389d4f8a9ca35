"""Replies by their threads, and the places of messages in rooms that have replies. No other message is in these."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("chats", "0013_threads")]
    operations = [
        AddIndexConcurrently(
            "message",
            models.Index(fields=["parent", "thread_seq"], condition=Q(parent__isnull=False), name="chats_message_reply"),
        ),
        AddIndexConcurrently(
            "message",
            models.Index(
                F("room"),
                F("seq") - F("replies_so_far"),
                condition=Q(parent__isnull=True, replies_so_far__gt=0),
                name="chats_message_place",
            ),
        ),
    ]
