"""Who is the oldest in a room is told by ids, which rise, and not by a server's clock."""

from django.db import migrations, models

ROLES = ~models.Q(role="member")
WRITERS = models.Q(has_written=True)


class Migration(migrations.Migration):
    dependencies = [("rooms", "0007_room_requests")]
    operations = [
        migrations.AddIndex(
            "membership", models.Index(fields=["room", "id"], condition=ROLES, name="rooms_membership_oldest")
        ),
        migrations.AddIndex(
            "membership", models.Index(fields=["room", "id"], condition=WRITERS, name="rooms_membership_first_wrote")
        ),
        migrations.RemoveIndex("membership", "rooms_membership_roles"),
        migrations.RemoveIndex("membership", "rooms_membership_writers"),
    ]
