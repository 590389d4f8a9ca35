"""Positions of a lost history are never given again.

A replica that is promoted lacks what had not reached it, and a restored backup ends earlier still. If the log went on
there with the next number, other rows would get the positions of the lost ones, and a client that had seen those would
resume behind rows that it never saw.

So the head remembers the start of the server that wrote it last. A head that another start has written (this server was
promoted, restored, copied, or only restarted, which one can't tell from inside) is followed by a jump: large enough to
leave behind whatever was lost, and random, so that two copies of one log go separate ways. Nobody who resumes notices:
his position is in the log still. More than a million jumps stay below 2**53, up to where JavaScript counts exactly.
"""

from django.db import migrations, models

SEQUENCE = """
CREATE OR REPLACE FUNCTION events_sequence(p_limit integer, OUT first_position bigint, OUT last_position bigint)
LANGUAGE plpgsql AS $$
DECLARE
    v_head bigint;
    v_server timestamptz;
    v_moved bigint;
    v_has_control boolean;
BEGIN
    SELECT position, server_started_at INTO v_head, v_server FROM events_head WHERE id = 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF v_head > 0 AND v_server IS DISTINCT FROM pg_postmaster_start_time() THEN
        v_head := v_head + ((1 + random()) * 2147483648)::bigint;
    END IF;
    WITH batch AS (
        DELETE FROM events_outbox WHERE id IN (SELECT id FROM events_outbox ORDER BY id LIMIT p_limit) RETURNING *
    ), moved AS (
        INSERT INTO events_event (position, kind, topic, type, actor_id, room_id, at, body, user_ids)
        SELECT v_head + row_number() OVER (ORDER BY id), kind, topic, type, actor_id, room_id, at, body, user_ids
        FROM batch
        RETURNING kind
    )
    SELECT count(*), coalesce(bool_or(kind IN (1, 2)), false) INTO v_moved, v_has_control FROM moved;
    first_position := v_head + 1;
    last_position := v_head + v_moved;
    IF v_moved = 0 THEN
        RETURN;
    END IF;
    UPDATE events_head SET position = last_position, server_started_at = pg_postmaster_start_time() WHERE id = 1;
    IF v_has_control THEN
        -- The last row about a pair decides, as it would if they were applied one by one.
        WITH change AS (
            SELECT DISTINCT ON (user_id, topic) user_id, topic, kind, position
            FROM events_event, unnest(user_ids) AS user_id
            WHERE position BETWEEN first_position AND last_position AND kind IN (1, 2)
            ORDER BY user_id, topic, position DESC
        ), gone AS (
            DELETE FROM events_subscription s USING change c
            WHERE s.user_id = c.user_id AND s.topic = c.topic AND c.kind = 2
        )
        INSERT INTO events_subscription AS s (user_id, topic, since)
        SELECT user_id, topic, position FROM change WHERE kind = 1
        ON CONFLICT (user_id, topic) DO UPDATE SET since = excluded.since;
    END IF;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0002_functions")]
    operations = [
        migrations.AddField(
            "head",
            "server_started_at",
            models.DateTimeField(help_text="when the PostgreSQL that wrote this row last was started", null=True),
        ),
        migrations.RunSQL("UPDATE events_head SET server_started_at = pg_postmaster_start_time()", migrations.RunSQL.noop),
        migrations.RunSQL(SEQUENCE, migrations.RunSQL.noop),
    ]
