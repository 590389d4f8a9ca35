"""System messages, which raise no main_seq."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chats", "0017_drop_unused")]
    operations = [
        migrations.AddField(
            "message",
            "is_system",
            models.BooleanField(db_default=False, default=False, help_text="says what its sender did in the room"),
        ),
        migrations.AddField(
            "message",
            "system_so_far",
            models.BigIntegerField(db_default=0, default=0, help_text="how many of these are system messages"),
        ),
        # The words of a form alone: nothing changes in the database.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "message",
                    "replies_so_far",
                    models.BigIntegerField(
                        db_default=0,
                        default=0,
                        help_text="how many of the room's messages up to this one raise no main_seq: "
                        "replies, and system messages",
                    ),
                ),
            ],
        ),
    ]
