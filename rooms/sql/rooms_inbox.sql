-- A person's rooms, most recently active first, with the people of direct ones. Only processes of the release before call
-- it: rooms_by_activity took its place.
--
-- p_side and p_key say where the page stands, as the API does: before (then the nearest come first) or after the room
-- with this id, which must be one of the list; or NULL for the first page.
--
-- The plan is made once for a connection: to plan this anew would take longer than to run it.
CREATE OR REPLACE FUNCTION rooms_inbox(
    p_user bigint, p_with_archived boolean, p_side text, p_key bigint, p_limit integer
) RETURNS TABLE (
    id bigint, kind varchar, name varchar, description varchar, created_at timestamptz, archived_at timestamptz,
    last_active_at timestamptz, last_seq bigint, members_count integer, role varchar, read_seq bigint,
    low_id bigint, low_username varchar, low_display_name varchar, low_avatar_url varchar, low_is_deleted boolean,
    high_id bigint, high_username varchar, high_display_name varchar, high_avatar_url varchar, high_is_deleted boolean
) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    -- Where the room stands from which one pages on.
    v_at timestamptz;
BEGIN
    IF p_side IS NOT NULL THEN
        SELECT r.last_active_at INTO v_at FROM rooms_membership m JOIN rooms_room r ON r.id = m.room_id
        WHERE m.room_id = p_key AND m.user_id = p_user AND (p_with_archived OR r.archived_at IS NULL);
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END IF;
    RETURN QUERY
    WITH mine AS MATERIALIZED (
        SELECT r.*, m.role, m.read_seq, row_number() OVER (
            ORDER BY CASE WHEN p_side = 'before' THEN r.last_active_at END, CASE WHEN p_side = 'before' THEN r.id END,
                r.last_active_at DESC, r.id DESC
        ) AS place
        FROM rooms_membership m JOIN rooms_room r ON r.id = m.room_id
        WHERE m.user_id = p_user AND (p_with_archived OR r.archived_at IS NULL) AND CASE p_side
            WHEN 'before' THEN (r.last_active_at, r.id) > (v_at, p_key)
            WHEN 'after' THEN (r.last_active_at, r.id) < (v_at, p_key)
            ELSE true
        END
        ORDER BY place LIMIT p_limit
    )
    SELECT mine.id, mine.kind, mine.name, mine.description, mine.created_at, mine.archived_at, mine.last_active_at,
        mine.last_seq, mine.members_count, mine.role, mine.read_seq,
        low.id, low.username, low.display_name, low.avatar_url, low.deleted_at IS NOT NULL,
        high.id, high.username, high.display_name, high.avatar_url, high.deleted_at IS NOT NULL
    FROM mine LEFT JOIN users_user low ON low.id = mine.direct_low_id
    LEFT JOIN users_user high ON high.id = mine.direct_high_id
    ORDER BY mine.place;
END
$$;
