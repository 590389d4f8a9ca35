"""Messages can be edited: their version, and when. Django's defaults are the database's, too, so no row is rewritten."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chats", "0007_writers")]
    operations = [
        migrations.AddField(
            "message",
            "version",
            models.IntegerField(
                default=1, db_default=1, help_text="rises with each edit, and with the removal"
            ),
        ),
        migrations.AddField("message", "edited_at", models.DateTimeField(blank=True, null=True)),
    ]
