-- Posts a system message in a room whose row the caller has locked. p_body is its JSON as chats_send_texts takes it.
-- It has a seq and a place, but it raises no main_seq, moves no read marker, and leaves the room's place in the list.
CREATE OR REPLACE FUNCTION chats_post_system(
    p_room bigint, p_sender bigint, p_text text, p_metadata text, p_at timestamptz, p_body text,
    OUT last_seq bigint, OUT replies_count bigint, OUT system_count bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_room rooms_room;
    v_id bigint := nextval('chats_message_id_seq');
BEGIN
    UPDATE rooms_room SET last_seq = last_seq + 1, replies_count = replies_count + 1, system_count = system_count + 1
    WHERE id = p_room RETURNING * INTO v_room;
    INSERT INTO chats_message (
        id, room_id, seq, sender_id, text, sent_at, replies_so_far, system_so_far, is_system, metadata
    ) VALUES (
        v_id, p_room, v_room.last_seq, p_sender, p_text, p_at, v_room.replies_count, v_room.system_count, true, p_metadata
    );
    INSERT INTO events_outbox (kind, topic, type, actor_id, room_id, message_id, at, body) VALUES (
        0, 'room:' || p_room, 'message.created', p_sender, p_room, v_id, p_at,
        '{"id":' || v_id || ',"seq":' || v_room.last_seq || ',"main_seq":' || v_room.last_seq - v_room.replies_count
            || ',"place":' || v_room.last_seq - v_room.replies_count + v_room.system_count
            || ',"thread_seq":null,"received_by":null,' || p_body
    );
    SELECT v_room.last_seq, v_room.replies_count, v_room.system_count INTO last_seq, replies_count, system_count;
END
$$;
