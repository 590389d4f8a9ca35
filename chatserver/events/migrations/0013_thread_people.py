"""Finds the events whose threads show a person. No other event is in this index."""

import django.contrib.postgres.fields
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from chatserver.storage.serving_index import AddIndexWhileServing

HELP = "whom a row that is no EVENT concerns; of an EVENT, whom the thread shows"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("events", "0012_threads")]
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
                fields=["user_ids"], condition=models.Q(thread__isnull=False), name="events_event_thread_people"
            ),
        ),
    ]
