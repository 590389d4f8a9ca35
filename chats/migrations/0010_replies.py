"""Messages know how many replies came before them. There are none yet, so the default is right for all rows."""

from django.db import migrations, models

HELP = "how many of the room's messages up to this one are replies in threads"


class Migration(migrations.Migration):
    dependencies = [("chats", "0009_reactions"), ("rooms", "0012_replies")]
    operations = [
        migrations.AddField(
            "message", "replies_so_far", models.BigIntegerField(default=0, db_default=0, help_text=HELP)
        )
    ]
