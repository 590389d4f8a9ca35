-- Only processes of the release before call it: chats_send_rich took its place.
CREATE OR REPLACE FUNCTION chats_send_one(
    p_room bigint, p_sender bigint, p_text text, p_client_id text, p_at timestamptz, p_body text, p_more jsonb,
    p_lock_milliseconds integer
) RETURNS TABLE (message_id bigint, message_seq bigint, recipient_id bigint, replies_so_far bigint, thread_seq bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT message_id, message_seq, recipient_id, replies_so_far, thread_seq
        FROM chats_send_rich(p_room, p_sender, p_text, p_client_id, p_at, p_body, p_more, p_lock_milliseconds);
END
$$;
