-- The totals of these threads, without those that have no replies. Participants: the first three who replied, as JSON.
--
-- The plan is made once for a connection. Whatever the tables held then, it looks rows up by their keys.
CREATE OR REPLACE FUNCTION chats_threads(p_roots bigint[]) RETURNS TABLE (
    root_id bigint, reply_count bigint, last_seq bigint, last_reply_at timestamptz, participants jsonb
) LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN QUERY
    SELECT t.root_id, t.reply_count, t.last_seq, t.last_reply_at, people.participants
    FROM chats_thread t CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', u.id, 'username', u.username, 'display_name', u.display_name, 'avatar_url', u.avatar_url,
            'is_deleted', u.deleted_at IS NOT NULL
        ) ORDER BY m.id), '[]') AS participants
        FROM (
            SELECT id, user_id FROM chats_thread_member
            WHERE thread_id = t.root_id AND replies > 0 ORDER BY id LIMIT 3
        ) m JOIN users_user u ON u.id = m.user_id
    ) people
    WHERE t.root_id = ANY(p_roots) AND t.reply_count > 0;
END
$$;
