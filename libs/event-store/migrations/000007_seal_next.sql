-- Stamps the next dense seq numbers, in the order (transaction_id, position). Answers how many, and whether committed events
-- are left, either because the batch was full or because an older transaction is still open.
--
-- Nothing is skipped: a row is only stamped when every transaction up to its own has ended (its id is below the snapshot's
-- xmin), so no row can appear below the last stamped one any more. Stream order is kept: append_batch draws its transaction
-- id while it holds the stream's lock, so a later version has a later id. And the order depends on the rows alone, not on
-- when the sealer looked: stamps that a crash lost come back the same, which is why the sealer need not wait for the disk.
CREATE FUNCTION event_store.seal_next(batch integer, OUT stamped integer, OUT waiting boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- Plans are made once a session (making them costs more than running them), perhaps while the tables are still empty: they
-- must not scan the tables.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  base bigint;
  last record;
BEGIN
  -- One at a time, whoever calls; the statements below then see all that the call before has stamped.
  PERFORM pg_advisory_xact_lock(7301, 1);
  base := event_store.transaction_offset();

  SELECT s.seq, e.transaction_id, e.position INTO last
  FROM (SELECT seq, position FROM event_store.seal ORDER BY seq DESC LIMIT 1) AS s
  JOIN event_store.event e ON e.position = s.position;

  IF event_store.is_restored() THEN
    RAISE EXCEPTION 'the log was restored from a dump: run event_store.adopt_restored_log() first'
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;

  INSERT INTO event_store.seal (seq, position, type)
  SELECT coalesce(last.seq, 0) + row_number() OVER (ORDER BY e.transaction_id, e.position), e.position, e.type
  FROM (
    SELECT e.transaction_id, e.position, e.type
    FROM event_store.event e
    WHERE (e.transaction_id, e.position) > (coalesce(last.transaction_id, '0'), coalesce(last.position, 0))
      AND e.transaction_id < event_store.offset_transaction(pg_snapshot_xmin(pg_current_snapshot()), base)
    ORDER BY e.transaction_id, e.position
    LIMIT batch
  ) AS e;
  GET DIAGNOSTICS stamped = ROW_COUNT;

  waiting := EXISTS (
    SELECT FROM event_store.event e
    WHERE (e.transaction_id, e.position) > (coalesce(last.transaction_id, '0'), coalesce(last.position, 0))
    OFFSET stamped);
END
$$;
REVOKE ALL ON FUNCTION event_store.seal_next FROM PUBLIC;

-- For metrics: how far the sealer is behind, and how old the oldest open transaction that holds it up is.
CREATE FUNCTION event_store.seal_status(
  OUT last_seq bigint, OUT unsealed bigint, OUT oldest_unsealed_ms bigint, OUT oldest_transaction_ms bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH last AS (
    SELECT s.seq, e.transaction_id, e.position
    FROM (SELECT seq, position FROM event_store.seal ORDER BY seq DESC LIMIT 1) AS s
    JOIN event_store.event e ON e.position = s.position
  ), waiting AS (
    SELECT count(*) AS events, min(e.recorded_at) AS since
    FROM event_store.event e
    WHERE (e.transaction_id, e.position)
        > (coalesce((SELECT transaction_id FROM last), '0'), coalesce((SELECT position FROM last), 0))
  )
  SELECT coalesce((SELECT seq FROM last), 0), w.events,
         coalesce(event_store.unix_ms(clock_timestamp()) - event_store.unix_ms(w.since), 0),
         coalesce((SELECT max(event_store.unix_ms(clock_timestamp()) - event_store.unix_ms(a.xact_start))
                   FROM pg_stat_activity a WHERE a.backend_xid IS NOT NULL), 0)
  FROM waiting w
$$;
REVOKE ALL ON FUNCTION event_store.seal_status FROM PUBLIC;
