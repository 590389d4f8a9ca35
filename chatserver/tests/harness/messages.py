"""Many messages in one statement, without the round trips of HTTP."""

# A room, a sender, a text and how often it is sent. The bodies are as chats/serializers/messages.py makes them.
SEND_MANY = """
WITH given AS (SELECT %s::bigint AS room_id, %s::bigint AS sent_by, %s::text AS message, ARRAY[%s::integer] AS times)
SELECT count(*) FROM given JOIN users_user u ON u.id = sent_by, chats_send_plain(
    array_fill(room_id, times), array_fill(sent_by, times), array_fill(message, times), array_fill(NULL::text, times),
    array_fill(now(), times), array_fill(substr(json_build_object(
        'room_id', room_id, 'sent_by', sent_by, 'message', message,
        'sent_at', to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SSZ'),
        'client_message_id', NULL, 'removed_at', NULL, 'sender', json_build_object(
            'id', u.id, 'username', u.username, 'display_name', u.display_name, 'avatar_url', u.avatar_url,
            'is_deleted', u.deleted_at IS NOT NULL
        )
    )::text, 2), times), 0
)
"""
