-- Positions are drawn from a sequence before the commit, as ids usually are: who draws first may commit last.
CREATE SEQUENCE planted_position;
SELECT setval('planted_position', (SELECT max(position) FROM events_event));
CREATE TABLE planted_head AS SELECT max(position) AS position FROM events_event;

CREATE FUNCTION planted_number() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_position bigint := nextval('planted_position');
BEGIN
    PERFORM pg_sleep(random() * 0.1);
    INSERT INTO events_event (position, kind, topic, type, actor_id, room_id, at, body, user_ids)
    VALUES (v_position, NEW.kind, NEW.topic, NEW.type, NEW.actor_id, NEW.room_id, NEW.at, NEW.body, NEW.user_ids);
    IF NEW.kind = 1 THEN
        INSERT INTO events_subscription AS s (user_id, topic, since)
        SELECT user_id, NEW.topic, v_position FROM unnest(NEW.user_ids) AS user_id
        ON CONFLICT (user_id, topic) DO UPDATE SET since = excluded.since;
    ELSIF NEW.kind = 2 THEN
        DELETE FROM events_subscription WHERE topic = NEW.topic AND user_id = ANY(NEW.user_ids);
    END IF;
    RETURN NULL; -- nothing is left to wait in the outbox
END
$$;
CREATE TRIGGER planted_number BEFORE INSERT ON events_outbox FOR EACH ROW EXECUTE FUNCTION planted_number();

CREATE OR REPLACE FUNCTION events_sequence(
    p_limit integer, p_all boolean DEFAULT false, OUT first_position bigint, OUT last_position bigint
) LANGUAGE plpgsql AS $$
BEGIN
    SELECT position + 1 INTO first_position FROM planted_head FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT max(position) INTO last_position FROM events_event;
    UPDATE planted_head SET position = last_position;
END
$$;
