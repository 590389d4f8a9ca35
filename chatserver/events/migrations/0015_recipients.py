"""Finds the events that name a person as a recipient. No other event is in this index."""

import django.contrib.postgres.fields
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from chatserver.storage.serving_index import AddIndexWhileServing

HELP = "whom a row that is no EVENT concerns; of an EVENT, whom the thread or the body names"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("events", "0014_about_seq")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model,
                    "user_ids",
                    django.contrib.postgres.fields.ArrayField(models.BigIntegerField(), null=True, help_text=HELP),
                )
                for model in ("event", "outbox")
            ]
        ),
        AddIndexWhileServing(
            "event",
            GinIndex(
                fields=["user_ids"], condition=models.Q(type="notification.due"), name="events_event_recipients"
            ),
        ),
    ]
