-- A page of a room's history with the senders, oldest first. p_side and p_key say where it stands, as the API does:
-- before, after or around the message with this id, around_seq for one with this seq, or NULL for the newest page.
--
-- Somebody who is not in the room gets no row at all. A member gets at least one: where the page is empty, one without
-- a message. A place is how many messages up to there are no replies in threads (replies_so_far counts the system
-- messages, too, which have places); before the first reply that is the seq, and from there on it has an index.
-- first_place and last_place are those of the oldest and the newest message that they may see, also where there is none
-- yet. key_place is that of the message p_key (0 is before the first), and NULL where it is not in this room, or not
-- for them.
--
-- Messages come as whole rows of their table, so that a new column needs no new function. The plan is made once for a
-- connection: to plan this anew would take longer than to run it. Whatever the tables held then, it looks rows up by
-- their keys; a plan for small tables would read whole ones.
CREATE OR REPLACE FUNCTION chats_timeline_2(p_user bigint, p_room bigint, p_side text, p_key bigint, p_limit integer)
RETURNS TABLE (
    first_place bigint, last_place bigint, key_place bigint, message chats_message,
    username varchar, display_name varchar, avatar_url varchar, is_deleted boolean
) LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    v_last bigint;
    -- What is older is hidden: messages below this seq, which are the places up to v_hidden.
    v_visible_from bigint;
    v_hidden bigint := 0;
    v_key bigint := 0;
    -- The page is what stands behind v_from, up to v_to.
    v_from bigint;
    v_to bigint;
BEGIN
    SELECT r.last_seq - r.replies_count + r.system_count, m.visible_from_seq INTO v_last, v_visible_from
    FROM rooms_membership m JOIN rooms_room r ON r.id = m.room_id
    WHERE m.room_id = p_room AND m.user_id = p_user;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF v_visible_from > 1 THEN
        v_hidden := (
            SELECT m.seq - m.replies_so_far + m.system_so_far FROM chats_message m
            WHERE m.room_id = p_room AND m.seq < v_visible_from ORDER BY m.seq DESC LIMIT 1
        );
    END IF;
    IF p_side = 'around_seq' THEN
        v_key := coalesce(
            (
                SELECT m.seq - m.replies_so_far + m.system_so_far FROM chats_message m
                WHERE m.room_id = p_room AND m.seq = greatest(p_key, v_visible_from, 1)
            ),
            v_last
        );
    ELSIF p_key <> 0 THEN
        -- What is before a reply includes the message at its place.
        v_key := (
            SELECT m.seq - m.replies_so_far + m.system_so_far + (p_side = 'before' AND m.parent_id IS NOT NULL)::int
            FROM chats_message m WHERE m.id = p_key AND m.room_id = p_room
                AND v_visible_from <= CASE WHEN m.parent_id IS NULL THEN m.seq ELSE (
                    SELECT root.seq FROM chats_message root WHERE root.id = m.parent_id
                ) END
        );
    END IF;
    v_from := greatest(v_hidden, CASE p_side
        WHEN 'after' THEN v_key
        WHEN 'before' THEN v_key - 1 - p_limit
        WHEN 'around' THEN v_key - 1 - p_limit / 2
        WHEN 'around_seq' THEN v_key - 1 - p_limit / 2
        ELSE v_last - p_limit
    END);
    v_to := CASE p_side WHEN 'before' THEN v_key - 1 ELSE v_from + p_limit END;
    RETURN QUERY
    SELECT v_hidden + 1, v_last, v_key, m.message, u.username, u.display_name, u.avatar_url, u.deleted_at IS NOT NULL
    FROM (VALUES (v_key)) AS cursor (key) LEFT JOIN (
        -- The limit only tells the planner that there are few.
        (
            SELECT m AS message FROM chats_message m WHERE room_id = p_room AND seq > v_from AND seq <= v_to
                AND replies_so_far = system_so_far
            ORDER BY seq LIMIT 1000
        ) UNION ALL (
            SELECT m FROM chats_message m WHERE room_id = p_room
                AND seq - replies_so_far + system_so_far > v_from AND seq - replies_so_far + system_so_far <= v_to
                AND parent_id IS NULL AND replies_so_far > system_so_far
            ORDER BY seq - replies_so_far + system_so_far LIMIT 1000
        )
    ) m ON cursor.key IS NOT NULL LEFT JOIN users_user u ON u.id = (m.message).sender_id
    ORDER BY (m.message).seq;
END
$$;
