-- The first three people who replied in a thread, as JSON.
CREATE OR REPLACE FUNCTION chats_thread_people(p_root bigint) RETURNS jsonb LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', u.id, 'username', u.username, 'display_name', u.display_name, 'avatar_url', u.avatar_url,
            'is_deleted', u.deleted_at IS NOT NULL
        ) ORDER BY m.id), '[]')
        FROM (
            SELECT id, user_id FROM chats_thread_member WHERE thread_id = p_root AND replies > 0 ORDER BY id LIMIT 3
        ) m JOIN users_user u ON u.id = m.user_id
    );
END
$$;
