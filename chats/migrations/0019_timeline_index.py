"""The places of messages in rooms that have replies, counted with the system messages."""

from django.db import migrations, models
from django.db.models import F, Q

from chatserver.storage.serving_index import AddIndexWhileServing


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("chats", "0018_system_messages")]
    operations = [
        AddIndexWhileServing(
            "message",
            models.Index(
                F("room"),
                F("seq") - F("replies_so_far") + F("system_so_far"),
                condition=Q(parent__isnull=True, replies_so_far__gt=F("system_so_far")),
                name="chats_message_timeline",
            ),
        ),
    ]
