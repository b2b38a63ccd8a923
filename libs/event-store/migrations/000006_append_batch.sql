-- Appends many independent requests in one transaction. A request is all or nothing, and its fate never touches its
-- neighbours. Arrays `write_*` run in parallel, one element for each stream that a request touches; arrays `event_*` run
-- in parallel too, `event_writes[i]` being the 1-based index of the write that event i belongs to. A write without events
-- only has its version checked.
--
-- Rows of the answer, by outcome:
--   appended   one for each event: request, event_id, position, recorded_at_ms
--   conflict   one for each stream of a refused request that stands at another version: request, stream, version
--   forbidden  one for each stream of a refused request whose category session_user does not own: request, stream
-- A request that was appended before (same event ids: the answer was lost) is answered as appended again.
CREATE TYPE event_store.refusal AS (request integer, outcome text, stream text, version bigint);

CREATE FUNCTION event_store.append_batch(
  write_requests integer[], write_streams text[], write_expected bigint[],
  event_writes integer[], event_types text[], event_schema_versions integer[], event_ids uuid[],
  event_data jsonb[], event_metadata jsonb[], event_digests bytea[]
) RETURNS TABLE (
  request integer, outcome text, stream text, version bigint, event_id uuid, "position" bigint, recorded_at_ms bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- Plans are made once a session (making them costs more than running them), perhaps while the tables are still empty: they
-- must not scan the tables.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  written  boolean[];
  refusals event_store.refusal[];
  refused  integer[] := '{}';
  repeated integer[] := '{}';
  base     bigint;
  owned    text[] := event_store.categories_of(session_user);
  recorded timestamptz;
BEGIN
  -- An id drawn before the streams are locked could be lower than that of the version before: stream order would break.
  IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
    RAISE EXCEPTION 'append_batch must be the first write of its transaction' USING ERRCODE = 'active_sql_transaction';
  END IF;
  -- Versions must be read after the locks are held, so each statement needs a snapshot of its own.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'append_batch needs the isolation level read committed' USING ERRCODE = 'invalid_transaction_state';
  END IF;

  SELECT array_agg(e.write IS NOT NULL ORDER BY w.n) INTO written
  FROM unnest(write_streams) WITH ORDINALITY AS w (stream, n)
  LEFT JOIN (SELECT DISTINCT unnest(event_writes)) AS e (write) ON e.write = w.n;

  IF EXISTS (
    SELECT FROM unnest(write_streams, written) AS w (stream, written)
    GROUP BY w.stream HAVING count(*) > 1 AND bool_or(w.written)
  ) THEN
    RAISE EXCEPTION 'a stream that is written may occur once in a batch' USING ERRCODE = 'invalid_parameter_value';
  END IF;

  PERFORM event_store.lock_streams(write_streams, written);

  base := event_store.transaction_offset();
  IF event_store.is_restored() THEN
    RAISE EXCEPTION 'the log was restored from a dump: run event_store.adopt_restored_log() first'
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;

  SELECT array_agg(ROW (w.request, CASE WHEN w.allowed THEN 'conflict' ELSE 'forbidden' END, w.stream, w.actual)::event_store.refusal)
  INTO refusals
  FROM (
    SELECT w.*,
           NOT w.written OR owned IS NULL OR split_part(w.stream, '-', 1) = ANY (owned) AS allowed,
           coalesce((SELECT e.stream_version FROM event_store.event e WHERE e.stream = w.stream
                     ORDER BY e.stream_version DESC LIMIT 1), 0) AS actual
    FROM unnest(write_requests, write_streams, write_expected, written) AS w (request, stream, expected, written)
  ) AS w
  WHERE NOT w.allowed OR w.actual IS DISTINCT FROM w.expected;

  IF refusals IS NOT NULL THEN
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
    SELECT write_requests[e.write], 'appended', NULL, NULL, e.id, known.position, event_store.unix_ms(known.recorded_at)
    FROM unnest(event_writes, event_ids) AS e (write, id) JOIN event_store.event AS known ON known.event_id = e.id
    WHERE write_requests[e.write] = ANY (repeated);
  END IF;

  recorded := date_trunc('milliseconds', clock_timestamp());
  RETURN QUERY
  WITH inserted AS (
    INSERT INTO event_store.event AS i
      (transaction_id, stream, stream_version, type, schema_version, event_id, data, metadata, recorded_at, digest)
    SELECT (SELECT event_store.offset_transaction(pg_current_xact_id(), base)), write_streams[e.write],
           write_expected[e.write] + row_number() OVER (PARTITION BY e.write ORDER BY e.n),
           e.type, e.schema_version, e.id, e.data, e.metadata, recorded, e.digest
    FROM unnest(event_writes, event_types, event_schema_versions, event_ids, event_data, event_metadata, event_digests)
         WITH ORDINALITY AS e (write, type, schema_version, id, data, metadata, digest, n)
    WHERE write_requests[e.write] <> ALL (refused)
    ORDER BY e.write, e.n
    RETURNING i.event_id, i.position
  )
  SELECT write_requests[e.write], 'appended', NULL, NULL::bigint, e.id, i.position, (SELECT event_store.unix_ms(recorded))
  FROM inserted AS i JOIN unnest(event_writes, event_ids) AS e (write, id) ON e.id = i.event_id;
END
$$;

REVOKE ALL ON FUNCTION event_store.append_batch FROM PUBLIC;
