-- Only processes of the release before call it: chats_timeline_2 took its place.
CREATE OR REPLACE FUNCTION chats_timeline(p_user bigint, p_room bigint, p_side text, p_key bigint, p_limit integer)
RETURNS TABLE (
    last_place bigint, key_place bigint, message chats_message,
    username varchar, display_name varchar, avatar_url varchar, is_deleted boolean
) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT last_place, key_place, message, username, display_name, avatar_url, is_deleted
        FROM chats_timeline_2(p_user, p_room, p_side, p_key, p_limit);
END
$$;
