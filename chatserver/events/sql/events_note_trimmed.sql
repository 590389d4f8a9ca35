-- The head of the log follows the cursor of the reader that trims it, at the commit of the transaction that moves it.
--
-- An UPDATE of the head by the reader itself would hold the head's lock, which the sequencer needs, until the process
-- says COMMIT: a process that freezes there would stop the log.
CREATE OR REPLACE FUNCTION events_note_trimmed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE events_head SET trimmed = greatest(trimmed, NEW.position) WHERE id = 1;
    RETURN NULL;
END
$$;

DROP TRIGGER IF EXISTS events_reader_trimmed ON events_reader;
CREATE CONSTRAINT TRIGGER events_reader_trimmed AFTER UPDATE OF position ON events_reader
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.name = 'trim') EXECUTE FUNCTION events_note_trimmed();
