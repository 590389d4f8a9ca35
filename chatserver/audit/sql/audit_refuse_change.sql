-- Entries of the audit are written once. Only the trimming deletes them, when they are old.
CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the audit do not change';
END
$$;

DROP TRIGGER IF EXISTS audit_append_only ON audit_auditentry;
CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE ON audit_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
