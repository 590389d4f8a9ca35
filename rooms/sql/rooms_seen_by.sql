-- A person's rooms, most recently active first, with the people of direct ones. Only processes of the release before
-- call it: rooms_seen_by_2 took its place.
--
-- p_side says which way the page goes from a place in the list: before (then the nearest come first) or after it; NULL
-- for the first page. Places are those of the first page, so that a room that does not move comes exactly once: rooms
-- that have moved since stand behind the bottom, by their ids, up to the last id that the person had then. What has
-- moved is known by p_newest, the highest activity of the first page, and by p_open, the transactions that were open
-- then: those may have taken a lower number, and were not seen. p_has_moved and p_key are the place: an id behind the
-- bottom, else an activity.
--
-- last_id and open are for the first page, NULL for others.
--
-- The plan is made once for a connection: to plan this anew would take longer than to run it. Whatever the tables held
-- then, it looks up each of the person's rooms by its key; other plans would read the rooms of everybody.
CREATE OR REPLACE FUNCTION rooms_seen_by(
    p_user bigint, p_with_archived boolean, p_side text, p_newest bigint, p_last_id bigint, p_open bigint[],
    p_has_moved boolean, p_key bigint, p_limit integer
) RETURNS TABLE (
    id bigint, kind varchar, name varchar, description varchar, created_at timestamptz, archived_at timestamptz,
    last_active_at timestamptz, last_seq bigint, main_seq bigint, members_count integer, external_id varchar, posting varchar,
    slow_mode_seconds integer, edit_minutes integer, max_length integer, pinning varchar, join_requests boolean, metadata text, role varchar,
    read_seq bigint, read_main_seq bigint, notify varchar, muted_until timestamptz, is_pinned boolean, hidden_seq bigint,
    low_id bigint, low_username varchar, low_display_name varchar, low_avatar_url varchar, low_is_deleted boolean,
    high_id bigint, high_username varchar, high_display_name varchar, high_avatar_url varchar, high_is_deleted boolean,
    activity bigint, has_moved boolean, last_id bigint, open bigint[]
) LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH placed AS MATERIALIZED (
        SELECT r.*, m.role, m.read_seq, m.read_replies, m.notify, m.muted_until, m.is_pinned, m.hidden_seq,
            p_side IS NOT NULL AND (r.activity > p_newest OR r.moved_by = ANY(p_open)) AS has_moved
        FROM rooms_membership m JOIN rooms_room r ON r.id = m.room_id
        WHERE m.user_id = p_user AND (p_with_archived OR r.archived_at IS NULL)
    ), mine AS MATERIALIZED (
        SELECT *, row_number() OVER (ORDER BY
            CASE WHEN p_side = 'before' THEN has_moved END DESC,
            CASE WHEN p_side = 'before' THEN CASE WHEN has_moved THEN -id ELSE activity END END,
            has_moved, CASE WHEN has_moved THEN id ELSE -activity END
        ) AS place
        FROM placed
        WHERE (NOT has_moved OR id <= p_last_id) AND CASE p_side
            WHEN 'before' THEN (has_moved, CASE WHEN has_moved THEN id ELSE -activity END)
                < (p_has_moved, CASE WHEN p_has_moved THEN p_key ELSE -p_key END)
            WHEN 'after' THEN (has_moved, CASE WHEN has_moved THEN id ELSE -activity END)
                > (p_has_moved, CASE WHEN p_has_moved THEN p_key ELSE -p_key END)
            ELSE true
        END
        ORDER BY place LIMIT p_limit
    )
    SELECT mine.id, mine.kind, mine.name, mine.description, mine.created_at, mine.archived_at, mine.last_active_at,
        mine.last_seq, mine.last_seq - mine.replies_count, mine.members_count, mine.external_id, mine.posting,
        mine.slow_mode_seconds, mine.edit_minutes, mine.max_length, mine.pinning, mine.join_requests, mine.metadata, mine.role, mine.read_seq,
        mine.read_seq - mine.read_replies,
        mine.notify, mine.muted_until, mine.is_pinned, mine.hidden_seq,
        low.id, low.username, low.display_name, low.avatar_url, low.deleted_at IS NOT NULL,
        high.id, high.username, high.display_name, high.avatar_url, high.deleted_at IS NOT NULL,
        mine.activity, mine.has_moved,
        CASE WHEN p_side IS NULL THEN (SELECT max(placed.id) FROM placed) END,
        CASE WHEN p_side IS NULL THEN ARRAY(
            SELECT xid::text::bigint FROM pg_snapshot_xip(pg_current_snapshot()) xid
        ) END
    FROM mine LEFT JOIN users_user low ON low.id = mine.direct_low_id
    LEFT JOIN users_user high ON high.id = mine.direct_high_id
    ORDER BY mine.place;
END
$$;
