"""chats_send: a message, its place in the room and its event, in one statement.

The room's row is locked first and until the commit, so that seq, message id and outbox id rise in one order. A sender
who is not in the room makes it raise CH001, an archived room CH002: the whole statement is undone then, the seq too.
p_body is the event's JSON without its opening brace; id and seq are known only here and are put in front.
"""

from django.db import migrations

SEND = """
CREATE FUNCTION chats_send(
    p_room bigint, p_sender bigint, p_recipient bigint, p_text text, p_client_id text, p_at timestamptz, p_body text,
    OUT message_id bigint, OUT message_seq bigint
) LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rooms_room SET last_seq = last_seq + 1, last_active_at = p_at
    WHERE id = p_room AND archived_at IS NULL
    RETURNING last_seq INTO message_seq;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'room % is archived or not there', p_room USING ERRCODE = 'CH002';
    END IF;
    -- Who writes has read what stands above.
    UPDATE rooms_membership SET read_seq = message_seq WHERE room_id = p_room AND user_id = p_sender;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'user % is not in room %', p_sender, p_room USING ERRCODE = 'CH001';
    END IF;
    INSERT INTO chats_message (room_id, seq, sender_id, recipient_id, text, sent_at, client_message_id)
    VALUES (p_room, message_seq, p_sender, p_recipient, p_text, p_at, p_client_id)
    RETURNING id INTO message_id;
    PERFORM events_emit(
        0::smallint, 'room:' || p_room, 'message.created', p_sender, p_room, p_at,
        '{"id":' || message_id || ',"seq":' || message_seq || ',' || p_body, NULL
    );
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("chats", "0001_initial"), ("events", "0002_functions"), ("rooms", "0002_general")]
    operations = [migrations.RunSQL(SEND, "DROP FUNCTION chats_send")]
