-- Data and metadata are kept as the canonical text that the digest was made of. As jsonb each was taken apart when it came
-- and put together when it was read, which cost more than the rest of an insert, and no query ever looked into them.
ALTER TABLE event_store.event DISABLE TRIGGER append_only;
ALTER TABLE event_store.event ALTER COLUMN data TYPE json, ALTER COLUMN metadata TYPE json;
ALTER TABLE event_store.event ENABLE ALWAYS TRIGGER append_only;

DROP FUNCTION event_store.append_batch;
-- append_batch, the same to its callers (see 000006), at less than half the price: each statement in a function costs more
-- than what these do, so what can be is worked out in variables, and what is left is put together.
--
-- Two things differ in the answer: rows of the outcome `appended` say neither request nor stream, for an event's id says all.
CREATE FUNCTION event_store.append_batch(
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
  -- The next version of each written stream, and the version of each event.
  upcoming bigint[] := write_expected;
  versions bigint[] := '{}';
  refusals event_store.refusal[];
  refused  integer[];
  repeated integer[];
  owned    text[];
  base     bigint;
  restored boolean;
  xid      xid8;
  recorded timestamptz;
  i        integer;
BEGIN
  -- An id drawn before the streams are locked could be lower than that of the version before: stream order would break.
  IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
    RAISE EXCEPTION 'append_batch must be the first write of its transaction' USING ERRCODE = 'active_sql_transaction';
  END IF;
  -- Versions must be read after the locks are held, so each statement needs a snapshot of its own.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'append_batch needs the isolation level read committed' USING ERRCODE = 'invalid_transaction_state';
  END IF;

  FOREACH i IN ARRAY event_writes LOOP
    written[i] := true;
    upcoming[i] := upcoming[i] + 1;
    versions := versions || upcoming[i];
  END LOOP;

  IF cardinality(write_streams) > 1 AND EXISTS (
    SELECT FROM unnest(write_streams, written) AS w (stream, written)
    GROUP BY w.stream HAVING count(*) > 1 AND bool_or(w.written)
  ) THEN
    RAISE EXCEPTION 'a stream that is written may occur once in a batch' USING ERRCODE = 'invalid_parameter_value';
  END IF;

  -- Until the end of the transaction: written streams exclusively, those that are only read in share mode. Always in the
  -- order of the lock keys, so that two batches never wait for each other. Advisory locks write no WAL.
  PERFORM CASE WHEN l.exclusive THEN pg_advisory_xact_lock(l.key) ELSE pg_advisory_xact_lock_shared(l.key) END
  FROM (
    SELECT hashtextextended(w.stream, 7301) AS key, bool_or(w.written) AS exclusive
    FROM unnest(write_streams, written) AS w (stream, written)
    GROUP BY 1 ORDER BY 1
  ) AS l;

  SELECT offsets.base,
         EXISTS (
           SELECT FROM event_store.event AS e
           WHERE e.transaction_id >= CASE offsets.base
             WHEN 0 THEN pg_snapshot_xmax(pg_current_snapshot())
             ELSE event_store.offset_transaction(pg_snapshot_xmax(pg_current_snapshot()), offsets.base) END),
         (SELECT array_agg(ROW (
            w.request, CASE WHEN w.allowed THEN 'conflict' ELSE 'forbidden' END, w.stream, w.actual)::event_store.refusal)
          FROM (
            SELECT w.*,
                   NOT w.written OR offsets.owned IS NULL OR split_part(w.stream, '-', 1) = ANY (offsets.owned) AS allowed,
                   coalesce((SELECT e.stream_version FROM event_store.event AS e WHERE e.stream = w.stream
                             ORDER BY e.stream_version DESC LIMIT 1), 0) AS actual
            FROM unnest(write_requests, write_streams, write_expected, written) AS w (request, stream, expected, written)
          ) AS w
          WHERE NOT w.allowed OR w.actual IS DISTINCT FROM w.expected)
  INTO base, restored, refusals
  FROM (SELECT coalesce((SELECT r.transaction_offset FROM event_store.restoration AS r
                         ORDER BY r.transaction_offset DESC LIMIT 1), 0) AS base,
               event_store.categories_of(session_user) AS owned
        OFFSET 0) AS offsets;

  IF restored THEN
    RAISE EXCEPTION 'the log was restored from a dump: run event_store.adopt_restored_log() first'
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;

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
    SELECT NULL, 'appended', NULL, NULL, e.id, known.position, event_store.unix_ms(known.recorded_at)
    FROM unnest(event_writes, event_ids) AS e (write, id) JOIN event_store.event AS known ON known.event_id = e.id
    WHERE write_requests[e.write] = ANY (repeated);
    IF write_requests <@ refused THEN
      RETURN;
    END IF;
  END IF;
  IF cardinality(event_writes) = 0 THEN
    RETURN;
  END IF;

  recorded := date_trunc('milliseconds', clock_timestamp());
  xid := CASE base WHEN 0 THEN pg_current_xact_id() ELSE event_store.offset_transaction(pg_current_xact_id(), base) END;
  RETURN QUERY
  INSERT INTO event_store.event AS i
    (transaction_id, stream, stream_version, type, schema_version, event_id, data, metadata, recorded_at, digest)
  SELECT xid, write_streams[e.write], e.version, e.type, e.schema_version, e.id, e.data, e.metadata, recorded, e.digest
  FROM unnest(event_writes, versions, event_types, event_schema_versions, event_ids, event_data, event_metadata,
              event_digests) AS e (write, version, type, schema_version, id, data, metadata, digest)
  WHERE refused IS NULL OR write_requests[e.write] <> ALL (refused)
  RETURNING NULL::integer, 'appended', NULL::text, NULL::bigint, i.event_id, i.position,
            (extract(epoch FROM recorded) * 1000)::bigint;
END
$$;

REVOKE ALL ON FUNCTION event_store.append_batch FROM PUBLIC;
DROP FUNCTION event_store.lock_streams;
