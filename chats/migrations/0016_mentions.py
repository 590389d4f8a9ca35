"""Messages mention people, and rooms."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chats", "0015_metadata"),
        ("rooms", "0014_blocks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "message", "mentions", models.TextField(help_text="JSON, of what the text mentions", null=True)
        ),
        migrations.CreateModel(
            "Mention",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField(help_text="of the message")),
                ("thread_seq", models.BigIntegerField(help_text="of a reply", null=True)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mention_rows", to="chats.message"
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="rooms.room",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            {
                "indexes": [
                    models.Index(
                        condition=models.Q(user__isnull=False),
                        fields=["user", "room", "seq"],
                        name="chats_mention_person",
                    ),
                    models.Index(
                        condition=models.Q(user__isnull=True), fields=["room", "seq"], name="chats_mention_room"
                    ),
                ],
            },
        ),
    ]
