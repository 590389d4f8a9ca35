-- Only processes of the release before call it: chats_last_messages took its place.
CREATE OR REPLACE FUNCTION chats_newest(p_rooms bigint[], p_places bigint[]) RETURNS TABLE (
    message chats_message, username varchar, display_name varchar, avatar_url varchar, is_deleted boolean
) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT * FROM chats_last_messages(p_rooms);
END
$$;
