-- Texts of several callers, each with its place in its room and its event, in one statement.
--
-- The rooms are locked first, in the order of their ids, and until the commit, so that seq, message id and outbox id
-- rise in one order in each room. What can't be sent is left out of the answer and changes nothing: the room is not
-- there or archived, the sender is not in it or not active, or their client_message_id was used before. p_bodies are
-- the events' JSON without what is known only here, which is put in front: id, seq, main_seq, place and, in a direct room,
-- the other person (see chats/serializers/messages.py: unnumbered_body()).
--
-- p_lock_milliseconds limits the wait for each room's lock (0: no limit); past it the statement fails with 55P03.
--
-- The plan is made once for a connection: to plan this anew would take longer than to run it. Whatever the tables held
-- then, it looks up each message's rows by their keys; a plan for small tables would read whole ones.
CREATE OR REPLACE FUNCTION chats_send_texts(
    p_rooms bigint[], p_senders bigint[], p_texts text[], p_client_ids text[], p_ats timestamptz[], p_bodies text[],
    p_lock_milliseconds integer
) RETURNS TABLE (
    number bigint, message_id bigint, message_seq bigint, recipient_id bigint, replies_so_far bigint, system_so_far bigint
)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    v_locked bigint[];
    v_active bigint[];
BEGIN
    PERFORM set_config('lock_timeout', p_lock_milliseconds::text, true);
    -- Only where a sender is in the room: an outsider neither holds others up nor waits for them.
    v_locked := ARRAY(
        SELECT id FROM rooms_room WHERE id = ANY(ARRAY(
            SELECT m.room_id FROM unnest(p_rooms, p_senders) AS a (room_id, sender_id)
            JOIN rooms_membership m ON m.room_id = a.room_id AND m.user_id = a.sender_id
        )) ORDER BY id FOR NO KEY UPDATE
    );
    -- Who is being deleted is waited for, and is not active then. PostgreSQL would lock the senders at the commit.
    v_active := ARRAY(SELECT id FROM users_user WHERE id = ANY(p_senders) AND is_active ORDER BY id FOR KEY SHARE);
    RETURN QUERY
    WITH sendable AS (
        SELECT a.*, r.last_seq + row_number() OVER (PARTITION BY a.room_id ORDER BY a.number) AS seq,
            CASE a.sender_id WHEN r.direct_low_id THEN r.direct_high_id ELSE r.direct_low_id END AS recipient_id,
            r.replies_count, r.system_count
        FROM unnest(p_rooms, p_senders, p_texts, p_client_ids, p_ats, p_bodies)
            WITH ORDINALITY AS a (room_id, sender_id, text, client_id, at, body, number)
        JOIN rooms_room r ON r.id = a.room_id AND r.archived_at IS NULL
        JOIN rooms_membership m ON m.room_id = a.room_id AND m.user_id = a.sender_id
        WHERE a.room_id = ANY(v_locked) AND a.sender_id = ANY(v_active)
            AND NOT r.is_blocked AND (r.posting = 'everyone' AND r.slow_mode_seconds = 0 AND r.max_length IS NULL OR chats_is_allowed(
                r, m, a.text, a.at, NOT EXISTS (
                    SELECT 1 FROM unnest(p_rooms[:a.number - 1], p_senders[:a.number - 1]) AS b (room_id, sender_id)
                    WHERE b.room_id = a.room_id AND b.sender_id = a.sender_id)))
            AND NOT EXISTS (
            SELECT 1 FROM chats_message known
            WHERE known.sender_id = a.sender_id AND known.client_message_id = a.client_id
        )
        ORDER BY a.room_id, seq
    ), numbered AS MATERIALIZED (
        SELECT nextval('chats_message_id_seq') AS id, * FROM sendable
    ), room AS (
        UPDATE rooms_room r SET last_seq = n.seq, last_active_at = n.at,
            activity = nextval('rooms_activity'), moved_by = pg_current_xact_id()::text::bigint
        FROM (SELECT DISTINCT ON (room_id) room_id, seq, at FROM numbered ORDER BY room_id, seq DESC) n
        WHERE r.id = n.room_id
    ), marker AS (
        -- Who writes has read what stands above.
        UPDATE rooms_membership m SET read_seq = n.seq, read_replies = n.replies_count, has_written = true, last_wrote_at = n.at
        FROM (SELECT room_id, sender_id, max(seq) AS seq, max(replies_count) AS replies_count, max(at) AS at FROM numbered GROUP BY room_id, sender_id) n
        WHERE m.room_id = n.room_id AND m.user_id = n.sender_id
    ), sent AS (
        INSERT INTO chats_message (id, room_id, seq, sender_id, recipient_id, text, sent_at, client_message_id, replies_so_far, system_so_far)
        SELECT id, room_id, seq, sender_id, recipient_id, text, at, client_id, replies_count, system_count FROM numbered
    ), told AS (
        INSERT INTO events_outbox (kind, topic, type, actor_id, room_id, message_id, at, body)
        SELECT 0, 'room:' || room_id, 'message.created', sender_id, room_id, id, at,
            '{"id":' || id || ',"seq":' || seq || ',"main_seq":' || seq - replies_count
                || ',"place":' || seq - replies_count + system_count || ',"thread_seq":null,"received_by":' || coalesce(recipient_id::text, 'null') || ',' || body
        FROM numbered
    )
    SELECT number, id, seq, recipient_id, replies_count, system_count FROM numbered;
END
$$;
