"""In a transaction of its own: while the log is read for its index, nobody can write to it, but everybody can read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0007_message_id")]
    # The log first: it takes seconds where it is large, and as long as the outbox is locked nothing can be posted.
    operations = [
        migrations.AddIndex(
            model,
            models.Index(
                fields=["message_id"], condition=models.Q(message_id__isnull=False), name=f"events_{model}_message"
            ),
        )
        for model in ("event", "outbox")
    ]
