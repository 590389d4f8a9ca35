"""The last look at the database itself, when everything has come to rest."""

from collections.abc import Iterator

from benchmarks.torture.engines import Engines
from benchmarks.torture.log_rules import Markers
from benchmarks.torture.positions import is_jump

GAPS = (
    "SELECT before, position FROM (SELECT position, lag(position, 1, 0::bigint) OVER (ORDER BY position) AS before "
    "FROM events_event) row WHERE position <> before + 1 ORDER BY position"
)
OUTBOX = "SELECT count(*) FROM events_outbox"
MESSAGES = (
    "SELECT m.id, count(e.position) FROM chats_message m LEFT JOIN events_event e "
    "ON e.type = 'message.created' AND e.topic = 'room:' || m.room_id AND (e.body::json->>'id')::bigint = m.id "
    "GROUP BY m.id HAVING count(e.position) <> 1"
)
INVENTED = (
    "SELECT e.position FROM events_event e LEFT JOIN chats_message m ON m.id = (e.body::json->>'id')::bigint "
    "WHERE e.type = 'message.created' AND m.id IS NULL"
)
SEQS = (
    "SELECT r.id, r.last_seq, count(m.id), coalesce(max(m.seq), 0) FROM rooms_room r LEFT JOIN chats_message m "
    "ON m.room_id = r.id GROUP BY r.id HAVING r.last_seq <> count(m.id) OR r.last_seq <> coalesce(max(m.seq), 0)"
)
SUBSCRIPTIONS = (
    "SELECT coalesce(m.user_id, s.user_id), coalesce('room:' || m.room_id, s.topic), m.user_id IS NULL "
    "FROM rooms_membership m FULL JOIN events_subscription s "
    "ON s.user_id = m.user_id AND s.topic = 'room:' || m.room_id WHERE m.user_id IS NULL OR s.user_id IS NULL"
)
CONNECTIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = 'chatserver' AND application_name <> 'benchmarks' "
    "AND backend_type = 'client backend'"
)
MARKERS = "SELECT room_id, user_id, read_seq FROM rooms_membership"
# In any text of any table that people's names get into.
NAMES = (
    "SELECT found.place, found.text FROM ("
    "SELECT 'the log at ' || position, body FROM events_event UNION ALL SELECT 'the outbox', body FROM events_outbox "
    "UNION ALL SELECT 'users', to_jsonb(u)::text FROM users_user u) AS found(place, text) "
    "WHERE found.text ~ ('(' || array_to_string(%s::text[], '|') || ')\\y')"
)
LEFT_OVER = "SELECT (SELECT count(*) FROM rooms_exclusion) + (SELECT count(*) FROM events_redaction)"


def check_database(
    engines: Engines, most_connections: int, *, deleted_names: list[str], markers: Markers
) -> Iterator[tuple[str, str]]:
    """Each violation, with its invariant before it."""
    if engines.sql(LEFT_OVER)[0][0]:
        yield "I7", "rooms or events of somebody who was banned or deleted are left to be done"
    if deleted_names:
        for place, _ in engines.sql(NAMES, deleted_names):
            yield "I9", f"{place} has the name of somebody who was deleted"
    for room_id, user_id, seq in engines.sql(MARKERS):
        told = markers.get((room_id, user_id), seq)
        if told != seq:
            yield "I8", f"user {user_id} has read room {room_id} up to {seq}, and events tell {told}"
    gaps = engines.sql(GAPS)
    for before, position in gaps:
        if not is_jump(before, position):
            yield "I2", f"the log has no row between {before} and {position}"
    if len(gaps) > engines.starts - 1:
        yield "I2", f"the log has {len(gaps)} gaps, and PostgreSQL was started {engines.starts} times"
    waiting = engines.sql(OUTBOX)[0][0]
    if waiting:
        yield "I2", f"{waiting} rows still wait in the outbox"
    for message_id, events in engines.sql(MESSAGES):
        yield "I1", f"message {message_id} has {events} events in the log"
    for (position,) in engines.sql(INVENTED):
        yield "I1", f"the event {position} tells of a message that is not there"
    for room_id, last_seq, messages, highest in engines.sql(SEQS):
        yield "I3", f"room {room_id} counts up to {last_seq}, has {messages} messages, the last of them {highest}"
    for user_id, topic, is_extra in engines.sql(SUBSCRIPTIONS):
        what = "hears it without being a member" if is_extra else "is a member and does not hear it"
        yield "I4", f"user {user_id} and {topic}: the user {what}"
    connections = engines.sql(CONNECTIONS)[0][0]
    if connections > most_connections:
        yield "I7", f"the servers hold {connections} connections to PostgreSQL; {most_connections} is the most"
