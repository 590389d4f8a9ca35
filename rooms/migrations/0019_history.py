"""Which messages those see who join a room."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("rooms", "0018_drop_rooms_inbox")]
    operations = [
        migrations.AddField(
            "room",
            "history",
            models.CharField(
                choices=[("all", "All"), ("from_joining", "From Joining")],
                db_default="all",
                default="all",
                help_text="for newcomers",
                max_length=12,
            ),
        ),
        migrations.AddField(
            "membership",
            "visible_from_seq",
            models.BigIntegerField(
                db_default=0, default=0, help_text="they see no older messages, nor replies to these"
            ),
        ),
        AddConstraintNotValid(
            "room", models.CheckConstraint(condition=Q(history__in=["all", "from_joining"]), name="rooms_room_history")
        ),
    ]
