"""Rooms count their system messages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rooms", "0021_shown_markers")]
    operations = [
        migrations.AddField(
            "room",
            "system_count",
            models.BigIntegerField(db_default=0, default=0, help_text="of its messages these are system messages"),
        ),
        migrations.AlterField(
            "room",
            "replies_count",
            models.BigIntegerField(
                db_default=0, default=0, help_text="of its messages these raise no main_seq: replies, and system messages"
            ),
        ),
        migrations.AlterField(
            "membership",
            "read_replies",
            models.BigIntegerField(
                db_default=0, default=0, help_text="what raises no main_seq among what they have read"
            ),
        ),
    ]
