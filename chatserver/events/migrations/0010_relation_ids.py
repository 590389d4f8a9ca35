"""The head remembers in which tables it was written last: so a restored dump is noticed (see events_sequence.sql)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0009_unsubscribe_index")]
    operations = [
        migrations.AddField(
            "head",
            "relation_ids",
            models.TextField(db_default="", help_text="the database and the table of the log that this row was written in"),
        )
    ]
