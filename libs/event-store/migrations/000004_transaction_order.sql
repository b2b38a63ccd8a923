-- Transaction ids order the log, and a dump restored into another cluster meets a counter that starts again lower down.
-- The offset lifts the new cluster's ids above all restored ones, so that the order goes on growing.

CREATE FUNCTION event_store.transaction_offset() RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT coalesce(max(transaction_offset), 0) FROM event_store.restoration
$$;

CREATE FUNCTION event_store.offset_transaction(id xid8, by bigint) RETURNS xid8
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN by = 0 THEN id ELSE (id::text::bigint + by)::text::xid8 END
$$;

-- True if rows exist whose transaction has not begun yet in this cluster: they came from a dump.
CREATE FUNCTION event_store.is_restored() RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM event_store.event
    WHERE transaction_id >= event_store.offset_transaction(
      pg_snapshot_xmax(pg_current_snapshot()), event_store.transaction_offset()))
$$;

-- To be called once by the owner after restoring a dump; appends and seals are refused until then. Does nothing if not needed.
CREATE FUNCTION event_store.adopt_restored_log() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  LOCK TABLE event_store.restoration IN SHARE ROW EXCLUSIVE MODE;
  IF event_store.is_restored() THEN
    INSERT INTO event_store.restoration (transaction_offset)
    SELECT max(transaction_id)::text::bigint FROM event_store.event;
  END IF;
END
$$;
REVOKE ALL ON FUNCTION event_store.adopt_restored_log FROM PUBLIC;

-- Milliseconds since 1970: cheaper to send and read than a timestamp, and the precision that recorded_at has.
CREATE FUNCTION event_store.unix_ms(moment timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT (extract(epoch FROM moment) * 1000)::bigint
$$;
