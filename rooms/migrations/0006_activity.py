"""The order of the list of rooms: a number that rises with each activity, instead of a server's clock."""

import django.db.models.expressions
from django.db import migrations, models

COLUMNS = """
CREATE SEQUENCE rooms_activity AS bigint;
ALTER TABLE rooms_room ADD COLUMN activity bigint NOT NULL DEFAULT 0, ADD COLUMN moved_by bigint NOT NULL DEFAULT 0;
UPDATE rooms_room SET activity = ordered.place FROM (
    SELECT id, nextval('rooms_activity') AS place FROM (
        SELECT id FROM rooms_room ORDER BY last_active_at, id
    ) by_time
) ordered WHERE ordered.id = rooms_room.id;
ALTER TABLE rooms_room ALTER COLUMN activity SET DEFAULT nextval('rooms_activity');
ALTER SEQUENCE rooms_activity OWNED BY rooms_room.activity;
"""


class Migration(migrations.Migration):
    dependencies = [("rooms", "0005_owners_and_leavers")]
    operations = [
        migrations.RunSQL(
            COLUMNS,
            "ALTER TABLE rooms_room DROP COLUMN activity, DROP COLUMN moved_by",
            state_operations=[
                migrations.AddField(
                    "room",
                    "activity",
                    models.BigIntegerField(
                        db_default=django.db.models.expressions.Func(
                            models.Value("rooms_activity"), function="nextval"
                        ),
                        editable=False,
                        help_text="rises with each activity in any room",
                    ),
                ),
                migrations.AddField(
                    "room",
                    "moved_by",
                    models.BigIntegerField(
                        db_default=0, editable=False, help_text="the transaction of the last activity"
                    ),
                ),
            ],
        )
    ]
