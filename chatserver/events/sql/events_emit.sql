-- Puts a row into the outbox. p_at is the time of the call where it is NULL.
CREATE OR REPLACE FUNCTION events_emit(
    p_kind smallint, p_topic text, p_type text, p_actor bigint, p_room bigint, p_at timestamptz, p_body text,
    p_users bigint[]
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO events_outbox (kind, topic, type, actor_id, room_id, at, body, user_ids)
    VALUES (p_kind, p_topic, p_type, p_actor, p_room, coalesce(p_at, clock_timestamp()), p_body, p_users)
$$;
