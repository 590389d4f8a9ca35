-- Whether the settings of a room allow this message of a member. Moderators and owners write where and as often as they
-- like, but no longer texts. p_is_first says that the same statement has no message of them before this one.
CREATE OR REPLACE FUNCTION chats_is_allowed(
    p_room rooms_room, p_member rooms_membership, p_text text, p_at timestamptz, p_is_first boolean
) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT (p_room.max_length IS NULL OR char_length(p_text) <= p_room.max_length) AND (
        p_member.role <> 'member' OR p_room.posting = 'everyone' AND (
            p_room.slow_mode_seconds = 0 OR p_is_first AND p_at >= coalesce(
                p_member.last_wrote_at + make_interval(secs => p_room.slow_mode_seconds), '-infinity'
            )
        )
    )
$$;
