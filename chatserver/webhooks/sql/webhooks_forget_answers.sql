-- What receivers answered may quote the event. So where an event is rewritten, because something in it was taken back, the
-- answers to it are deleted in the same transaction; and where it leaves the log, in which it would be found for that.

-- Fails before the table is there; then it is installed by the migrate that makes it.
LOCK TABLE webhooks_delivery IN ACCESS SHARE MODE;

CREATE OR REPLACE FUNCTION webhooks_forget_answers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- As an array, so that deliveries are always found by their index.
    UPDATE webhooks_delivery SET answer = '' WHERE position = ANY(ARRAY(SELECT position FROM changed)) AND answer <> '';
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER webhooks_event_rewritten AFTER UPDATE ON events_event
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION webhooks_forget_answers();
CREATE OR REPLACE TRIGGER webhooks_event_trimmed AFTER DELETE ON events_event
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION webhooks_forget_answers();
