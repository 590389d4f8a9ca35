-- Where another PostgreSQL goes on, positions follow the last one that it has: those that were lost are given again.
DO $$
DECLARE
    v_function text := pg_get_functiondef('events_sequence'::regproc);
BEGIN
    ASSERT position('2147483648' IN v_function) > 0, 'the jump is made elsewhere by now';
    EXECUTE replace(v_function, '2147483648', '0');
END
$$;
