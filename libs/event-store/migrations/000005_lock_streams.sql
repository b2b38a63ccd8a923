-- Locks streams until the end of the transaction: written ones exclusively, those that are only read in share mode.
-- Always in the order of the lock keys, so that two batches never wait for each other. Advisory locks write no WAL.
CREATE FUNCTION event_store.lock_streams(streams text[], written boolean[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  lock record;
BEGIN
  FOR lock IN
    SELECT hashtextextended(s.stream, 7301) AS key, bool_or(s.written) AS exclusive
    FROM unnest(streams, written) AS s (stream, written)
    GROUP BY 1 ORDER BY 1
  LOOP
    IF lock.exclusive THEN
      PERFORM pg_advisory_xact_lock(lock.key);
    ELSE
      PERFORM pg_advisory_xact_lock_shared(lock.key);
    END IF;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION event_store.lock_streams FROM PUBLIC;
