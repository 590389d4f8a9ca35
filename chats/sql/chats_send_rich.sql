-- Sends a message that is more than a text: p_more has what else it has, as JSON: {"parent_id": …,
-- "metadata" and "mentions": their JSON as text}. Otherwise as one of chats_send_texts. No row where it can't be sent;
-- also where its parent is no message of the room that the sender may see, is a reply itself or a system message,
-- or was removed before anybody replied.
--
-- A reply has a seq of its own, but it raises no main_seq, moves no read marker of the room, and leaves the room's place
-- in the list. The root's author, all who reply and all who are mentioned follow the thread. Those who do so from now on
-- hear it by an event of their own, but for the sender, whom the reply tells it; so do, with the first reply that is there,
-- all who follow the thread, since nobody had it in a list of threads before.
--
-- Locks: the room, the sender, the root where this is its first reply, the thread, its participants. Who removes a reply
-- locks the people, the reply, and the thread.
CREATE OR REPLACE FUNCTION chats_send_rich(
    p_room bigint, p_sender bigint, p_text text, p_client_id text, p_at timestamptz, p_body text, p_more jsonb,
    p_lock_milliseconds integer
) RETURNS TABLE (
    message_id bigint, message_seq bigint, recipient_id bigint, replies_so_far bigint, system_so_far bigint,
    thread_seq bigint
)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    v_room rooms_room;
    v_member rooms_membership;
    v_thread chats_thread;
    v_root chats_message;
    v_people jsonb;
    v_followers bigint[];
    v_mentions jsonb := (p_more ->> 'mentions')::jsonb;
    v_parent bigint := (p_more ->> 'parent_id')::bigint;
    v_seq bigint;
    v_replies bigint;
    v_recipient bigint;
    v_id bigint;
BEGIN
    PERFORM set_config('lock_timeout', p_lock_milliseconds::text, true);
    PERFORM FROM rooms_membership WHERE room_id = p_room AND user_id = p_sender;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT * INTO v_room FROM rooms_room WHERE id = p_room FOR NO KEY UPDATE;
    PERFORM FROM users_user WHERE id = p_sender AND is_active FOR KEY SHARE;
    IF NOT FOUND OR v_room.archived_at IS NOT NULL OR v_room.is_blocked THEN
        RETURN;
    END IF;
    SELECT * INTO v_member FROM rooms_membership WHERE room_id = p_room AND user_id = p_sender;
    IF NOT FOUND OR NOT chats_is_allowed(v_room, v_member, p_text, p_at, true)
        OR EXISTS (SELECT FROM chats_message WHERE sender_id = p_sender AND client_message_id = p_client_id)
    THEN
        RETURN;
    END IF;
    IF v_parent IS NOT NULL THEN
        SELECT * INTO v_root FROM chats_message WHERE id = v_parent AND room_id = p_room AND parent_id IS NULL
            AND NOT is_system AND (removed_at IS NULL OR has_thread) AND seq >= v_member.visible_from_seq;
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END IF;
    v_seq := v_room.last_seq + 1;
    v_replies := v_room.replies_count + (v_parent IS NOT NULL)::int;
    v_recipient := CASE p_sender WHEN v_room.direct_low_id THEN v_room.direct_high_id ELSE v_room.direct_low_id END;
    v_id := nextval('chats_message_id_seq');
    IF v_parent IS NULL THEN
        UPDATE rooms_room SET last_seq = v_seq, last_active_at = p_at, activity = nextval('rooms_activity'),
            moved_by = pg_current_xact_id()::text::bigint
        WHERE id = p_room;
        UPDATE rooms_membership SET read_seq = v_seq, read_replies = v_replies, has_written = true,
            last_wrote_at = p_at
        WHERE room_id = p_room AND user_id = p_sender;
    ELSE
        UPDATE rooms_room SET last_seq = v_seq, replies_count = v_replies WHERE id = p_room;
        UPDATE rooms_membership SET has_written = true, last_wrote_at = p_at WHERE room_id = p_room AND user_id = p_sender;
        UPDATE chats_message SET has_thread = true WHERE id = v_parent AND NOT has_thread;
        INSERT INTO chats_thread AS t (root_id, reply_count, last_seq, last_reply_at, last_reply_id)
        VALUES (v_parent, 1, 1, p_at, v_id)
        ON CONFLICT (root_id) DO UPDATE SET reply_count = t.reply_count + 1, last_seq = t.last_seq + 1,
            last_reply_at = p_at, last_reply_id = v_id
        RETURNING * INTO v_thread;
        INSERT INTO chats_thread_member AS m (thread_id, user_id, is_following, read_seq, replies)
        VALUES (v_parent, p_sender, true, v_thread.last_seq, 1)
        ON CONFLICT (thread_id, user_id) DO UPDATE SET is_following = true, read_seq = excluded.read_seq,
            replies = m.replies + 1;
        IF v_thread.last_seq = 1 THEN
            INSERT INTO chats_thread_member (thread_id, user_id, is_following, read_seq, replies)
            SELECT v_parent, m.user_id, true, 0, 0 FROM rooms_membership m
            WHERE m.room_id = p_room AND m.user_id = v_root.sender_id AND m.visible_from_seq <= v_root.seq
            ON CONFLICT (thread_id, user_id) DO NOTHING;
        END IF;
        -- None of them is deleted before the commit, so that the deletion finds them in the event.
        PERFORM FROM users_user WHERE id IN (
            SELECT user_id FROM chats_thread_member WHERE thread_id = v_parent AND replies > 0 ORDER BY id LIMIT 3
        ) ORDER BY id FOR KEY SHARE;
        SELECT participants INTO v_people FROM chats_threads(ARRAY[v_parent]);
    END IF;
    INSERT INTO chats_message (
        id, room_id, seq, sender_id, recipient_id, text, sent_at, client_message_id, replies_so_far, system_so_far,
        parent_id, thread_seq, metadata, mentions
    ) VALUES (
        v_id, p_room, v_seq, p_sender, v_recipient, p_text, p_at, p_client_id, v_replies, v_room.system_count,
        v_parent, v_thread.last_seq, p_more ->> 'metadata', p_more ->> 'mentions'
    );
    IF v_mentions IS NOT NULL THEN
        INSERT INTO chats_mention (room_id, user_id, message_id, seq, thread_seq)
        SELECT DISTINCT p_room, (mention ->> 'user_id')::bigint, v_id, v_seq, v_thread.last_seq
        FROM jsonb_array_elements(v_mentions) mention
        WHERE mention ? 'room' OR (mention ->> 'user_id')::bigint <> p_sender AND EXISTS (
            SELECT FROM rooms_membership m WHERE m.room_id = p_room AND m.user_id = (mention ->> 'user_id')::bigint
                AND m.visible_from_seq <= coalesce(v_root.seq, v_seq)
        );
    END IF;
    IF v_parent IS NOT NULL THEN
        WITH mentioned AS (
            INSERT INTO chats_thread_member AS m (thread_id, user_id, is_following, read_seq, replies)
            SELECT DISTINCT v_parent, found.user_id, true, v_thread.last_seq - 1, 0 FROM chats_mention found
            WHERE found.user_id IS NOT NULL
                AND (found.message_id = v_id OR v_thread.last_seq = 1 AND found.message_id = v_parent)
                AND found.user_id <> p_sender AND EXISTS (
                    SELECT FROM rooms_membership now WHERE now.room_id = p_room AND now.user_id = found.user_id
                        AND now.visible_from_seq <= v_root.seq
                )
            ON CONFLICT (thread_id, user_id) DO UPDATE SET is_following = true WHERE NOT m.is_following
            RETURNING user_id
        )
        SELECT array_agg(user_id) INTO v_followers FROM mentioned;
    END IF;
    INSERT INTO events_outbox (kind, topic, type, actor_id, room_id, message_id, at, body, user_ids, thread, about_seq)
    VALUES (
        0, 'room:' || p_room, 'message.created', p_sender, p_room, v_id, p_at,
        '{"id":' || v_id || ',"seq":' || v_seq || ',"main_seq":' || v_seq - v_replies
            || ',"place":' || v_seq - v_replies + v_room.system_count
            || ',"thread_seq":' || coalesce(v_thread.last_seq::text, 'null')
            || ',"received_by":' || coalesce(v_recipient::text, 'null') || ',' || p_body,
        CASE WHEN v_parent IS NOT NULL THEN
            ARRAY(SELECT (person ->> 'id')::bigint FROM jsonb_array_elements(v_people) AS person)
        END,
        CASE WHEN v_parent IS NOT NULL THEN json_build_object(
            'root_id', v_parent, 'reply_count', v_thread.reply_count, 'last_seq', v_thread.last_seq,
            'last_reply_at', to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'participants', v_people
        )::text END,
        v_root.seq
    );
    IF v_thread.reply_count = 1 OR v_followers IS NOT NULL THEN
        INSERT INTO events_outbox (kind, topic, type, actor_id, room_id, at, body)
        SELECT 0, 'user:' || m.user_id, 'thread.updated', p_sender, p_room, p_at,
            '{"root_id":' || v_parent || ',"room_id":' || p_room || ',"following":true,"read_seq":' || m.read_seq || '}'
        FROM chats_thread_member m JOIN rooms_membership now ON now.room_id = p_room AND now.user_id = m.user_id
        WHERE m.thread_id = v_parent AND m.is_following AND m.user_id <> p_sender AND now.visible_from_seq <= v_root.seq
            AND (v_thread.reply_count = 1 OR m.user_id = ANY(v_followers))
        ORDER BY m.user_id;
    END IF;
    RETURN QUERY SELECT v_id, v_seq, v_recipient, v_replies, v_room.system_count, v_thread.last_seq;
END
$$;
