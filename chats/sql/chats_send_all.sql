-- Only processes of an earlier release call it: chats_send_texts took its place.
CREATE OR REPLACE FUNCTION chats_send_all(
    p_rooms bigint[], p_senders bigint[], p_texts text[], p_client_ids text[], p_ats timestamptz[], p_bodies text[],
    p_lock_milliseconds integer
) RETURNS TABLE (place bigint, message_id bigint, message_seq bigint, recipient_id bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT number, message_id, message_seq, recipient_id
        FROM chats_send_texts(p_rooms, p_senders, p_texts, p_client_ids, p_ats, p_bodies, p_lock_milliseconds);
END
$$;
