-- How often somebody is mentioned beyond their read markers, by themselves or with the whole room, in each of these
-- rooms that they are in; at most p_most. Mentions in threads are not counted: who is mentioned there follows the thread.
--
-- The plan is made once for a connection. Whatever the tables held then, it looks rows up by their keys.
CREATE OR REPLACE FUNCTION chats_unread_mentions(p_user bigint, p_rooms bigint[], p_most integer) RETURNS TABLE (
    room_id bigint, mentions bigint
) LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT m.room_id, least(p_most, of_me.count + of_all.count)
    FROM rooms_membership m CROSS JOIN LATERAL (
        SELECT count(*) FROM (
            SELECT FROM chats_mention found WHERE found.user_id = m.user_id AND found.room_id = m.room_id
                AND found.seq > m.read_seq AND found.thread_seq IS NULL LIMIT p_most
        ) capped
    ) of_me CROSS JOIN LATERAL (
        SELECT count(*) FROM (
            SELECT FROM chats_mention found WHERE found.user_id IS NULL AND found.room_id = m.room_id
                AND found.seq > m.read_seq AND found.thread_seq IS NULL AND NOT EXISTS (
                    SELECT FROM chats_mention mine WHERE mine.message_id = found.message_id AND mine.user_id = m.user_id
                ) LIMIT p_most
        ) capped
    ) of_all
    WHERE m.user_id = p_user AND m.room_id = ANY(p_rooms);
END
$$;
