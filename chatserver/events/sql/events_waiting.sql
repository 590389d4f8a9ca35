-- The ids of the oldest rows of the outbox that may be numbered now, up to p_limit, and the snapshot that they were
-- seen in.
--
-- It costs the same however long a transaction stays open elsewhere in the database. While one is open, PostgreSQL
-- keeps each dead version of each row for it, so a look at the whole outbox grows slower with each event. Therefore a
-- row of the outbox knows its transaction (xid), and the last row of a batch in the log knows the snapshot that its
-- batch was taken with (seen). Only what a later batch could newly see is looked at: transactions that were still open
-- then, or began later.
--
-- seen is NULL where that would not hold: the batch was full, or had rows of the transaction that sequenced. Then all
-- that waits is looked at. So it is where seen speaks of transactions still to come, as after a restore into another
-- server, and with p_all.
--
-- Dead rows make a scan of the whole outbox expensive, and the planner, which counts living ones, believes it cheap:
-- hence enable_seqscan.
CREATE OR REPLACE FUNCTION events_waiting(
    p_limit integer, p_all boolean DEFAULT false, OUT seen pg_snapshot, OUT ids bigint[]
) LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
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
