"""Ended subscriptions are found by it when somebody resumes: few rows, in a log that may be large."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0008_message_index")]
    operations = [
        migrations.AddIndex(
            "event",
            models.Index(fields=["topic", "position"], condition=models.Q(kind=2), name="events_event_unsubscribe"),
        )
    ]
