"""General: room 0, with everybody in it.

The database itself promises that every user is in General, however he came to be: by the API, by createsuperuser, in
the admin, in bulk.
"""

from django.db import migrations

GENERAL = """
INSERT INTO rooms_room (id, kind, name, description, created_at, last_seq, last_active_at, members_count)
VALUES (0, 'open', 'General', '', now(), 0, now(), 0);
"""

ENTER = """
CREATE FUNCTION rooms_enter_general() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rooms_room SET members_count = members_count + (SELECT count(*) FROM fresh) WHERE id = 0;
    INSERT INTO rooms_membership (room_id, user_id, role, joined_at, read_seq)
    SELECT 0, fresh.id, 'member', now(), (SELECT last_seq FROM rooms_room WHERE id = 0) FROM fresh;
    PERFORM events_emit(
        1::smallint, 'room:0', 'subscribe', NULL, NULL, NULL, '{}', (SELECT array_agg(id ORDER BY id) FROM fresh)
    );
    RETURN NULL;
END
$$;
CREATE TRIGGER rooms_enter_general AFTER INSERT ON users_user
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION rooms_enter_general();
"""


class Migration(migrations.Migration):
    dependencies = [("rooms", "0001_initial"), ("events", "0002_functions"), ("users", "0001_initial")]
    operations = [
        migrations.RunSQL(GENERAL, "DELETE FROM rooms_room WHERE id = 0"),
        migrations.RunSQL(
            ENTER, "DROP TRIGGER rooms_enter_general ON users_user; DROP FUNCTION rooms_enter_general()"
        ),
    ]
