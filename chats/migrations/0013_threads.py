"""Messages can be replies in threads, which people follow."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chats", "0012_edit_history"),
        ("events", "0012_threads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "message",
            "parent",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="replies",
                to="chats.message",
            ),
        ),
        migrations.AddField(
            "message",
            "thread_seq",
            models.BigIntegerField(help_text="of a reply: counts those of its thread without gaps", null=True),
        ),
        migrations.AddField(
            "message",
            "has_thread",
            models.BooleanField(db_default=False, default=False, help_text="or had one"),
        ),
        migrations.CreateModel(
            "Thread",
            [
                (
                    "root",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="thread",
                        serialize=False,
                        to="chats.message",
                    ),
                ),
                ("reply_count", models.BigIntegerField(default=0)),
                ("last_seq", models.BigIntegerField(default=0)),
                ("last_reply_at", models.DateTimeField(null=True)),
                ("last_reply_id", models.BigIntegerField(help_text="the place of the thread in lists", null=True)),
            ],
        ),
        migrations.CreateModel(
            "ThreadMember",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_following", models.BooleanField()),
                ("read_seq", models.BigIntegerField(default=0)),
                ("replies", models.BigIntegerField(db_default=0, default=0, help_text="that were not removed")),
                (
                    "thread",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="chats.thread",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            {
                "db_table": "chats_thread_member",
                "indexes": [
                    models.Index(
                        condition=models.Q(is_following=True), fields=["user", "thread"], name="chats_thread_followed"
                    ),
                    models.Index(
                        condition=models.Q(replies__gt=0), fields=["thread", "id"], name="chats_thread_people"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("thread", "user"), name="chats_thread_member_once"),
                ],
            },
        ),
    ]
