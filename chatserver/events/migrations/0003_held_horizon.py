"""Numbering that costs the same however long a transaction stays open elsewhere in the database.

While one is open, PostgreSQL keeps each dead version of each row for it. An outbox that is read from its beginning, and
a head row that is updated with each batch, then grow slower with each event. So:

- A row of the outbox knows its transaction (`xid`), and the last row of a batch in the log knows what its batch had
  `seen`. Only what a later look could newly see is looked at: transactions that were still open then, or began later.
- The log's end is its newest row, which is found at once. events_head is only locked; it changes when the log is trimmed.

`seen` is NULL where that would not hold: the batch was full, or had rows of the very transaction that sequenced. Then the
next look is at all that waits. So it is where `seen` speaks of transactions still to come, as after a restore into
another server, and with p_all.
"""

from django.db import migrations

COLUMNS = """
ALTER TABLE events_outbox ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX events_outbox_xid ON events_outbox (xid);
ALTER TABLE events_event ADD COLUMN seen pg_snapshot;
UPDATE events_head SET trimmed = position WHERE NOT EXISTS (SELECT 1 FROM events_event);
"""
# Dead rows make a scan of the whole outbox dear, and the planner, who counts living ones, believes it cheap.
WAITING = """
CREATE FUNCTION events_waiting(p_limit integer, p_all boolean DEFAULT false, OUT seen pg_snapshot, OUT ids bigint[])
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
    v_seen pg_snapshot;
    v_open xid8[];
BEGIN
    seen := pg_current_snapshot();
    SELECT e.seen INTO v_seen FROM events_event e ORDER BY position DESC LIMIT 1;
    IF p_all OR v_seen IS NULL OR pg_snapshot_xmax(v_seen) > pg_snapshot_xmax(seen) THEN
        ids := ARRAY(SELECT id FROM events_outbox ORDER BY id LIMIT p_limit);
        RETURN;
    END IF;
    v_open := ARRAY(SELECT pg_snapshot_xip(v_seen)) || pg_current_xact_id_if_assigned();
    ids := ARRAY(
        SELECT id FROM (
            SELECT id FROM events_outbox WHERE xid >= pg_snapshot_xmax(v_seen)
            UNION ALL
            SELECT id FROM events_outbox WHERE xid = ANY(v_open) AND xid < pg_snapshot_xmax(v_seen)
        ) candidate ORDER BY id LIMIT p_limit
    );
END
$$;
"""
SEQUENCE = """
DROP FUNCTION events_sequence(integer);
CREATE FUNCTION events_sequence(
    p_limit integer, p_all boolean DEFAULT false, OUT first_position bigint, OUT last_position bigint
) LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    v_trimmed bigint;
    v_head bigint;
    v_seen pg_snapshot;
    v_ids bigint[];
    v_moved bigint;
    v_has_control boolean;
BEGIN
    SELECT trimmed INTO v_trimmed FROM events_head WHERE id = 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT greatest(v_trimmed, max(position)) INTO v_head FROM events_event;
    SELECT w.seen, w.ids INTO v_seen, v_ids FROM events_waiting(p_limit, p_all) w;
    first_position := v_head + 1;
    last_position := v_head;
    IF cardinality(v_ids) = 0 THEN
        RETURN;
    END IF;
    IF cardinality(v_ids) = p_limit OR EXISTS (SELECT 1 FROM events_outbox WHERE xid = pg_current_xact_id()) THEN
        v_seen := NULL;
    END IF;
    WITH batch AS (
        DELETE FROM events_outbox WHERE id = ANY(v_ids) RETURNING *
    ), moved AS (
        INSERT INTO events_event (position, kind, topic, type, actor_id, room_id, at, body, user_ids, seen)
        SELECT v_head + n, kind, topic, type, actor_id, room_id, at, body, user_ids,
            CASE WHEN n = cardinality(v_ids) THEN v_seen END
        FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM batch) numbered
        RETURNING kind
    )
    SELECT count(*), coalesce(bool_or(kind IN (1, 2)), false) INTO v_moved, v_has_control FROM moved;
    last_position := v_head + v_moved;
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
        migrations.RunSQL(COLUMNS),
        migrations.RunSQL(WAITING),
        migrations.RunSQL(SEQUENCE),
        migrations.RemoveField("head", "position"),
    ]
