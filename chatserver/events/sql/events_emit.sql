-- Puts a row into the outbox, for processes of the release before. The next release drops this.
CREATE OR REPLACE FUNCTION events_emit(
    p_kind smallint, p_topic text, p_type text, p_actor bigint, p_room bigint, p_at timestamptz, p_body text,
    p_users bigint[]
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO events_outbox (kind, topic, type, actor_id, room_id, message_id, at, body, user_ids)
    VALUES (p_kind, p_topic, p_type, p_actor, p_room,
        CASE WHEN p_type LIKE 'message.%' THEN substring(p_body FROM '^{"id":(\d+),')::bigint END,
        coalesce(p_at, clock_timestamp()), p_body, p_users)
$$;
