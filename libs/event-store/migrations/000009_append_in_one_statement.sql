-- append_batch, the same to its callers (see 000006 and 000008), with fewer statements still. What nearly always happens, that
-- no request is refused, takes one after the locks. It inserts everything, or nothing if there is anything to refuse: only
-- then is it found out what, and the same statement inserts the rest.

-- The server reads each constraint anew for each statement, so one is cheaper than four. All rows have passed the four.
ALTER TABLE event_store.event
  ADD CONSTRAINT event_well_formed CHECK (
    stream ~ '^[a-z][a-z0-9_]*-.' AND length(stream) <= 255
    AND stream_version > 0 AND schema_version > 0 AND length(digest) = 32
  ) NOT VALID,
  DROP CONSTRAINT event_stream_check,
  DROP CONSTRAINT event_stream_version_check,
  DROP CONSTRAINT event_schema_version_check,
  DROP CONSTRAINT event_digest_check;

-- Until the end of the transaction: written streams exclusively, those that are only read in share mode. Always in the
-- order of the lock keys, so that two batches never wait for each other. Advisory locks write no WAL. Called in an
-- expression, and calling in expressions: PERFORM would start the executor.
CREATE FUNCTION event_store.lock_streams(streams text[], written boolean[]) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  lock   record;
  locked boolean;
BEGIN
  IF cardinality(streams) = 1 AND written[1] THEN
    RETURN pg_advisory_xact_lock(hashtextextended(streams[1], 7301)) IS NOT NULL;
  END IF;
  FOR lock IN
    SELECT hashtextextended(s.stream, 7301) AS key, bool_or(s.written) AS exclusive, count(*) AS times
    FROM (SELECT unnest(streams) AS stream, unnest(written) AS written) AS s
    GROUP BY s.stream ORDER BY 1, 2 DESC
  LOOP
    IF lock.exclusive AND lock.times > 1 THEN
      RAISE EXCEPTION 'a stream that is written may occur once in a batch' USING ERRCODE = 'invalid_parameter_value';
    ELSIF lock.exclusive THEN
      locked := pg_advisory_xact_lock(lock.key) IS NOT NULL;
    ELSE
      locked := pg_advisory_xact_lock_shared(lock.key) IS NOT NULL;
    END IF;
  END LOOP;
  RETURN locked;
END
$$;
REVOKE ALL ON FUNCTION event_store.lock_streams FROM PUBLIC;

-- The writes because of which their requests are refused; `version` is the one that the stream has.
CREATE FUNCTION event_store.refused_writes(
  write_requests integer[], write_streams text[], write_expected bigint[], written boolean[]
) RETURNS SETOF event_store.refusal
LANGUAGE sql STABLE AS $$
  SELECT w.request, CASE WHEN w.allowed THEN 'conflict' ELSE 'forbidden' END, w.stream, w.actual
  FROM (
    SELECT w.*,
           NOT w.written OR o.owned IS NULL OR split_part(w.stream, '-', 1) = ANY (o.owned) AS allowed,
           coalesce((SELECT e.stream_version FROM event_store.event e WHERE e.stream = w.stream
                     ORDER BY e.stream_version DESC LIMIT 1), 0) AS actual
    FROM unnest(write_requests, write_streams, write_expected, written) AS w (request, stream, expected, written),
         (SELECT event_store.categories_of(session_user)) AS o (owned)
  ) AS w
  WHERE NOT w.allowed OR w.actual IS DISTINCT FROM w.expected
$$;
REVOKE ALL ON FUNCTION event_store.refused_writes FROM PUBLIC;

CREATE OR REPLACE FUNCTION event_store.append_batch(
  write_requests integer[], write_streams text[], write_expected bigint[],
  event_writes integer[], event_types text[], event_schema_versions integer[], event_ids uuid[],
  event_data json[], event_metadata json[], event_digests bytea[]
) RETURNS TABLE (
  request integer, outcome text, stream text, version bigint, event_id uuid, "position" bigint, recorded_at_ms bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- Plans are made once a session (making them costs more than running them), perhaps while the tables are still empty: they
-- must not scan the tables.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  written  boolean[] := array_fill(false, ARRAY[cardinality(write_streams)]);
  reached  bigint[]  := write_expected;
  versions bigint[]  := '{}';
  locked   boolean;
  recorded timestamptz;
  checked  boolean   := false;
  refusals event_store.refusal[];
  refused  integer[] := '{}';
  repeated integer[];
BEGIN
  -- An id drawn before the streams are locked could be lower than that of the version before: stream order would break.
  IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
    RAISE EXCEPTION 'append_batch must be the first write of its transaction' USING ERRCODE = 'active_sql_transaction';
  END IF;
  -- Versions must be read after the locks are held, so each statement needs a snapshot of its own.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'append_batch needs the isolation level read committed' USING ERRCODE = 'invalid_transaction_state';
  END IF;

  FOR i IN 1 .. cardinality(event_writes) LOOP
    written[event_writes[i]] := true;
    reached[event_writes[i]] := reached[event_writes[i]] + 1;
    versions[i] := reached[event_writes[i]];
  END LOOP;

  locked := event_store.lock_streams(write_streams, written);
  recorded := date_trunc('milliseconds', clock_timestamp());

  LOOP
    -- Nothing is sorted or joined by value, so positions follow the order of the arrays. They and the transaction id are
    -- drawn for rows that are inserted only: when the versions have been checked.
    RETURN QUERY
    INSERT INTO event_store.event AS i
      (transaction_id, stream, stream_version, type, schema_version, event_id, data, metadata, recorded_at, digest)
    SELECT event_store.offset_transaction(pg_current_xact_id(), restored.base), write_streams[e.write], e.version,
           e.type, e.schema_version, e.id, e.data, e.metadata, recorded, e.digest
    FROM (SELECT coalesce(max(transaction_offset), 0) AS base FROM event_store.restoration) AS restored
    CROSS JOIN (
      SELECT unnest(event_writes) AS write, unnest(versions) AS version, unnest(event_types) AS type,
             unnest(event_schema_versions) AS schema_version, unnest(event_ids) AS id, unnest(event_data) AS data,
             unnest(event_metadata) AS metadata, unnest(event_digests) AS digest
    ) AS e
    WHERE CASE WHEN checked THEN write_requests[e.write] <> ALL (refused) ELSE
      -- Not restored from a dump: see is_restored.
      coalesce((SELECT max(transaction_id) FROM event_store.event), '0')
        < event_store.offset_transaction(pg_snapshot_xmax(pg_current_snapshot()), restored.base)
      AND NOT EXISTS (
        SELECT FROM (
          SELECT unnest(write_streams) AS stream, unnest(write_expected) AS expected, unnest(written) AS written
        ) AS w
        WHERE w.expected IS DISTINCT FROM coalesce((
                SELECT known.stream_version FROM event_store.event AS known WHERE known.stream = w.stream
                ORDER BY known.stream_version DESC LIMIT 1), 0)
           OR NOT (session_user = current_user OR NOT w.written OR EXISTS (
                SELECT FROM event_store.category_owner o
                WHERE o.role = session_user AND o.category = split_part(w.stream, '-', 1)))
      ) END
    RETURNING NULL::integer, 'appended', NULL, NULL::bigint, i.event_id, i.position, event_store.unix_ms(recorded);
    EXIT WHEN FOUND OR checked;

    IF event_store.is_restored() THEN
      RAISE EXCEPTION 'the log was restored from a dump: run event_store.adopt_restored_log() first'
        USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    checked := true;
    refusals := ARRAY (
      SELECT r FROM event_store.refused_writes(write_requests, write_streams, write_expected, written) AS r);
    refused := ARRAY (SELECT r.request FROM unnest(refusals) AS r);
    repeated := ARRAY (
      SELECT write_requests[e.write]
      FROM unnest(event_writes, event_ids) AS e (write, id)
      LEFT JOIN event_store.event AS known ON known.event_id = e.id AND known.stream = write_streams[e.write]
      WHERE write_requests[e.write] = ANY (refused)
      GROUP BY 1 HAVING count(*) = count(known.event_id));
    RETURN QUERY
    SELECT r.request, r.outcome, r.stream, r.version, NULL::uuid, NULL::bigint, NULL::bigint
    FROM unnest(refusals) AS r WHERE r.request <> ALL (repeated)
    UNION ALL
    SELECT NULL, 'appended', NULL, NULL, e.id, known.position, event_store.unix_ms(known.recorded_at)
    FROM unnest(event_writes, event_ids) AS e (write, id) JOIN event_store.event AS known ON known.event_id = e.id
    WHERE write_requests[e.write] = ANY (repeated);
  END LOOP;
END
$$;
