-- Positions are drawn from a sequence before the commit, as ids usually are: who draws first may commit last.
CREATE SEQUENCE planted_position;
SELECT setval('planted_position', (SELECT position FROM events_head));

CREATE OR REPLACE FUNCTION events_emit(
    p_kind smallint, p_topic text, p_type text, p_actor bigint, p_room bigint, p_at timestamptz, p_body text,
    p_users bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_position bigint := nextval('planted_position');
BEGIN
    PERFORM pg_sleep(random() * 0.1);
    INSERT INTO events_event (position, kind, topic, type, actor_id, room_id, at, body, user_ids)
    VALUES (v_position, p_kind, p_topic, p_type, p_actor, p_room, coalesce(p_at, clock_timestamp()), p_body, p_users);
    IF p_kind = 1 THEN
        INSERT INTO events_subscription AS s (user_id, topic, since)
        SELECT user_id, p_topic, v_position FROM unnest(p_users) AS user_id
        ON CONFLICT (user_id, topic) DO UPDATE SET since = excluded.since;
    ELSIF p_kind = 2 THEN
        DELETE FROM events_subscription WHERE topic = p_topic AND user_id = ANY(p_users);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION events_sequence(p_limit integer, OUT first_position bigint, OUT last_position bigint)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT position + 1 INTO first_position FROM events_head WHERE id = 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT max(position) INTO last_position FROM events_event;
    UPDATE events_head SET position = last_position WHERE id = 1;
END
$$;
