-- The newest message of each of these rooms that is no reply in a thread, with its sender.
--
-- The plan is made once for a connection: to plan this anew would take longer than to run it. Whatever the tables held
-- then, it looks rows up by their keys; a plan for small tables would read whole ones.
CREATE OR REPLACE FUNCTION chats_last_messages(p_rooms bigint[]) RETURNS TABLE (
    message chats_message, username varchar, display_name varchar, avatar_url varchar, is_deleted boolean
) LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT m, u.username, u.display_name, u.avatar_url, u.deleted_at IS NOT NULL
    FROM (
        SELECT id AS room_id, last_seq - replies_count + system_count AS place FROM rooms_room WHERE id = ANY(p_rooms)
    ) wanted
    CROSS JOIN LATERAL (
        SELECT * FROM chats_message found
        WHERE found.room_id = wanted.room_id AND found.seq = wanted.place
            AND found.replies_so_far = found.system_so_far
        UNION ALL
        SELECT * FROM chats_message found
        WHERE found.room_id = wanted.room_id AND found.seq - found.replies_so_far + found.system_so_far = wanted.place
            AND found.parent_id IS NULL AND found.replies_so_far > found.system_so_far
    ) found
    JOIN chats_message m ON m.id = found.id
    JOIN users_user u ON u.id = m.sender_id;
END
$$;
