-- The reactions to these messages: how many people used each emoji, the most frequent first, and whether p_user did.
--
-- The plan is made once for a connection. Whatever the tables held then, it looks rows up by their keys.
CREATE OR REPLACE FUNCTION chats_reactions(p_user bigint, p_messages bigint[]) RETURNS TABLE (
    message_id bigint, emoji varchar, people bigint, mine boolean
) LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT message_id, emoji, count(*), bool_or(user_id = p_user) FROM chats_reaction
    WHERE message_id = ANY(p_messages)
    GROUP BY message_id, emoji ORDER BY message_id, count(*) DESC, emoji COLLATE "C";
END
$$;
