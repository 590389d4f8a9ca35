-- Makes every new user a member of General (room 0), in whatever way they are created: by the API, by createsuperuser,
-- in the admin, in bulk. The database itself promises that everybody is there.
--
-- While General is archived it is switched off (see rooms/actions/general.py), and nobody enters. Who switches it on locks the
-- room, and then looks who is not in it: so it is locked here too, until these people are there to be seen.
CREATE OR REPLACE FUNCTION rooms_enter_general() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rooms_room SET members_count = members_count + (SELECT count(*) FROM fresh)
    WHERE id = 0 AND archived_at IS NULL;
    IF NOT FOUND THEN
        PERFORM FROM rooms_room WHERE id = 0 AND archived_at IS NOT NULL FOR SHARE;
        IF FOUND THEN
            RETURN NULL;
        END IF;
        -- It was switched on at this moment.
        UPDATE rooms_room SET members_count = members_count + (SELECT count(*) FROM fresh) WHERE id = 0;
    END IF;
    INSERT INTO rooms_membership (room_id, user_id, role, joined_at, read_seq, read_replies)
    SELECT 0, fresh.id, 'member', now(), r.last_seq, r.replies_count FROM fresh, rooms_room r WHERE r.id = 0;
    INSERT INTO events_outbox (kind, topic, type, at, body, user_ids)
    SELECT 1, 'room:0', 'subscribe', clock_timestamp(), '{}', array_agg(id ORDER BY id) FROM fresh;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER rooms_enter_general AFTER INSERT ON users_user
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION rooms_enter_general();
