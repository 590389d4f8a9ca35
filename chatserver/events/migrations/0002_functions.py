"""The SQL functions that write the log.

events_emit is the one door into the outbox, for emit() and for the functions of the apps above.

events_sequence gives positions: it locks the single head row, moves the oldest outbox rows into the log, applies
their subscriptions, and returns the first and last position (NULL where another session holds the lock, first > last
where nothing waited). It is one statement in its own transaction, so a client that freezes can't hold the lock: there
is no moment at which the server waits for it. Each statement in the function takes a fresh snapshot (READ COMMITTED),
so what is moved is read after the lock was won.
"""

from django.db import migrations

EMIT = """
CREATE FUNCTION events_emit(
    p_kind smallint, p_topic text, p_type text, p_actor bigint, p_room bigint, p_at timestamptz, p_body text,
    p_users bigint[]
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO events_outbox (kind, topic, type, actor_id, room_id, at, body, user_ids)
    VALUES (p_kind, p_topic, p_type, p_actor, p_room, coalesce(p_at, clock_timestamp()), p_body, p_users)
$$;
"""

SEQUENCE = """
CREATE FUNCTION events_sequence(p_limit integer, OUT first_position bigint, OUT last_position bigint)
LANGUAGE plpgsql AS $$
DECLARE
    v_head bigint;
    v_moved bigint;
    v_has_control boolean;
BEGIN
    SELECT position INTO v_head FROM events_head WHERE id = 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
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
    UPDATE events_head SET position = last_position WHERE id = 1;
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
    dependencies = [("events", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "INSERT INTO events_head (id, position, trimmed) VALUES (1, 0, 0)", "DELETE FROM events_head"
        ),
        # The outbox lives on being emptied: its dead rows must go before the index over them grows.
        migrations.RunSQL(
            "ALTER TABLE events_outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, "
            "autovacuum_vacuum_cost_delay = 0)",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(EMIT, "DROP FUNCTION events_emit"),
        migrations.RunSQL(SEQUENCE, "DROP FUNCTION events_sequence"),
    ]
