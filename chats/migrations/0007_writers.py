"""Members who wrote before there was a column for that are noted, too. The service may run meanwhile."""

from django.db import migrations

from chatserver.storage.sql_functions import function_files

ROOMS = 500
NOTE = """
UPDATE rooms_membership m SET has_written = true
FROM (SELECT DISTINCT room_id, sender_id FROM chats_message WHERE room_id >= %s AND room_id < %s) wrote
WHERE m.room_id = wrote.room_id AND m.user_id = wrote.sender_id AND NOT m.has_written
"""


def note_writers(apps, schema_editor):
    """Those of some rooms at a time, after what writes messages notes them itself."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(function_files()["chats_send_all"])
        cursor.execute("SELECT coalesce(max(id), 0) FROM rooms_room")
        (last,) = cursor.fetchone()
        for room in range(0, last + 1, ROOMS):
            cursor.execute(NOTE, [room, room + ROOMS])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("chats", "0006_message_ids"), ("rooms", "0005_owners_and_leavers")]
    operations = [migrations.RunPython(note_writers, migrations.RunPython.noop)]
