"""Rooms count the replies among their messages, and read markers those that were read.

There are no replies yet, so the default is right for all
rows, and for what the version before writes.
"""

from django.db import migrations, models

COUNT = {"default": 0, "db_default": 0}


class Migration(migrations.Migration):
    dependencies = [("rooms", "0011_personal_settings")]
    operations = [
        migrations.AddField(
            "room",
            "replies_count",
            models.BigIntegerField(**COUNT, help_text="of its messages these are replies in threads"),
        ),
        migrations.AddField(
            "membership",
            "read_replies",
            models.BigIntegerField(**COUNT, help_text="the replies among what they have read"),
        ),
    ]
