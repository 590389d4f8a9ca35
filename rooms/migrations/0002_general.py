"""General: room 0. Everybody is in it, by the trigger in rooms_enter_general.sql."""

from django.db import migrations

GENERAL = """
INSERT INTO rooms_room (id, kind, name, description, created_at, last_seq, last_active_at, members_count)
VALUES (0, 'open', 'General', '', now(), 0, now(), 0);
"""


class Migration(migrations.Migration):
    dependencies = [("rooms", "0001_initial")]
    operations = [migrations.RunSQL(GENERAL, "DELETE FROM rooms_room WHERE id = 0")]
