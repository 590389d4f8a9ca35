-- In how many of the threads that somebody follows there are unread replies, in their rooms that are not archived.
--
-- The plan is made once for a connection: to plan this anew would take longer than to run it. Whatever the tables held
-- then, it looks rows up by their keys.
CREATE OR REPLACE FUNCTION chats_unread_threads(p_user bigint) RETURNS bigint LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN (
        SELECT count(*) FROM chats_thread_member mine JOIN chats_thread t ON t.root_id = mine.thread_id
        JOIN chats_message root ON root.id = t.root_id JOIN rooms_room r ON r.id = root.room_id
        JOIN rooms_membership m ON m.room_id = r.id AND m.user_id = mine.user_id
        WHERE mine.user_id = p_user AND mine.is_following AND t.last_seq > mine.read_seq AND t.reply_count > 0
            AND m.visible_from_seq <= root.seq AND r.archived_at IS NULL
    );
END
$$;
