-- Gives positions: locks the single head row, moves the oldest rows of the outbox into the log, up to p_limit, and
-- applies their subscriptions. Returns the first and the last position: NULL where another session holds the lock,
-- first > last where nothing waited. p_all: see events_waiting.
--
-- It is one statement in its own transaction, so a client that freezes can't hold the lock: there is no moment at which
-- the server waits for it. Each statement in the function takes a fresh snapshot (READ COMMITTED), so what is moved is
-- read after the lock was won. The log's end is its newest row; the head row is only locked, and changes when the log
-- is trimmed or another start of the server goes on writing.
--
-- Positions of a lost history are never given again. A replica that is promoted lacks what had not reached it, and a
-- restored backup ends earlier still. If the log went on there with the next number, other rows would get the positions
-- of the lost ones, and a client that had seen those would resume behind rows that it never saw. So the head remembers
-- the start of the server that wrote it last, and the database and the table that the log was in: a dump that is
-- restored into a running server makes new ones, or new files of them. A head that was written elsewhere (this server
-- was promoted, restored, copied, or only restarted, which can't be told apart from inside) is followed by a jump: large
-- enough to leave behind whatever was lost, and random, so that two copies of one log go separate ways. A client that
-- resumes does not notice: its position is still in the log. More than a million jumps stay below 2**53, up to where
-- JavaScript counts exactly.
CREATE OR REPLACE FUNCTION events_sequence(
    p_limit integer, p_all boolean DEFAULT false, OUT first_position bigint, OUT last_position bigint
) LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    v_trimmed bigint;
    v_is_elsewhere boolean;
    v_relation_ids text := concat_ws(
        '/', (SELECT oid FROM pg_database WHERE datname = current_database()), 'events_event'::regclass::oid,
        pg_relation_filenode('events_event')
    );
    v_head bigint;
    v_seen pg_snapshot;
    v_ids bigint[];
    v_moved bigint;
    v_has_control boolean;
BEGIN
    SELECT trimmed, (server_started_at, relation_ids) IS DISTINCT FROM (pg_postmaster_start_time(), v_relation_ids)
        INTO v_trimmed, v_is_elsewhere FROM events_head WHERE id = 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT greatest(v_trimmed, max(position)) INTO v_head FROM events_event;
    SELECT w.seen, w.ids INTO v_seen, v_ids
        FROM events_waiting(p_limit, p_all OR v_is_elsewhere) w;
    first_position := v_head + 1;
    last_position := v_head;
    IF cardinality(v_ids) = 0 THEN
        RETURN;
    END IF;
    IF v_is_elsewhere THEN
        UPDATE events_head SET server_started_at = pg_postmaster_start_time(), relation_ids = v_relation_ids WHERE id = 1;
        IF v_head > 0 THEN
            v_head := v_head + ((1 + random()) * 2147483648)::bigint;
            first_position := v_head + 1;
        END IF;
    END IF;
    IF cardinality(v_ids) = p_limit OR EXISTS (SELECT 1 FROM events_outbox WHERE xid = pg_current_xact_id()) THEN
        v_seen := NULL;
    END IF;
    WITH batch AS (
        DELETE FROM events_outbox WHERE id = ANY(v_ids) RETURNING *
    ), moved AS (
        INSERT INTO events_event (
            position, kind, topic, type, actor_id, room_id, message_id, at, body, user_ids, thread, about_seq, seen
        )
        SELECT v_head + n, kind, topic, type, actor_id, room_id, message_id, at, body, user_ids, thread, about_seq,
            CASE WHEN n = cardinality(v_ids) THEN v_seen END
        FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM batch) numbered
        RETURNING kind
    )
    SELECT count(*), coalesce(bool_or(kind IN (1, 2)), false) INTO v_moved, v_has_control FROM moved;
    last_position := v_head + v_moved;
    IF v_has_control THEN
        -- The last row about a pair decides, as it would if they were applied one by one.
        WITH change AS (
            SELECT DISTINCT ON (user_id, topic) user_id, topic, kind, position, about_seq
            FROM events_event, unnest(user_ids) AS user_id
            WHERE position BETWEEN first_position AND last_position AND kind IN (1, 2)
            ORDER BY user_id, topic, position DESC
        ), gone AS (
            DELETE FROM events_subscription s USING change c
            WHERE s.user_id = c.user_id AND s.topic = c.topic AND c.kind = 2
        )
        INSERT INTO events_subscription AS s (user_id, topic, since, visible_from_seq)
        SELECT user_id, topic, position, coalesce(about_seq, 0) FROM change WHERE kind = 1
        ON CONFLICT (user_id, topic) DO UPDATE SET since = excluded.since, visible_from_seq = excluded.visible_from_seq;
    END IF;
END
$$;
