-- The messages at these places (room, seq), with their senders.
--
-- The plan is made once for a connection: to plan this anew would take longer than to run it. Whatever the tables held
-- then, it looks rows up by their keys; a plan for small tables would read whole ones.
CREATE OR REPLACE FUNCTION chats_messages_at(p_rooms bigint[], p_seqs bigint[]) RETURNS TABLE (
    id bigint, seq bigint, recipient_id bigint, room_id bigint, text text, sent_at timestamptz,
    client_message_id varchar, removed_at timestamptz, version integer, edited_at timestamptz, has_reactions boolean,
    sender_id bigint, username varchar, display_name varchar, avatar_url varchar, is_deleted boolean
) LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT m.id, m.seq, m.recipient_id, m.room_id, m.text, m.sent_at, m.client_message_id, m.removed_at,
        m.version, m.edited_at, m.has_reactions, u.id, u.username, u.display_name, u.avatar_url, u.deleted_at IS NOT NULL
    FROM unnest(p_rooms, p_seqs) AS wanted (room_id, seq)
    JOIN chats_message m USING (room_id, seq) JOIN users_user u ON u.id = m.sender_id;
END
$$;
