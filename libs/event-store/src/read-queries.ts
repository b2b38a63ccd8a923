/** The columns of an EventRow after `seq`, in order. */
const COLUMNS = `e.position, e.stream, e.stream_version, e.category, e.type, e.schema_version, e.event_id,
  e.data, e.metadata, (extract(epoch FROM e.recorded_at) * 1000)::int8 AS recorded_at_ms`;

/** OFFSET 0 keeps the planner from reading the whole event table for a range of it that it misjudges. */
const sealedEvents = (seal: string, columns: string): string => `SELECT s.seq, e.* FROM (${seal}) AS s
  CROSS JOIN LATERAL (SELECT ${columns} FROM event_store.event e WHERE e.position = s.position OFFSET 0) AS e
  ORDER BY s.seq`;

/** `seq` is dense, so a range needs no LIMIT. */
const RANGE = `SELECT seq, position FROM event_store.seal WHERE seq > $1::bigint AND seq <= $1::bigint + $2::bigint`;

/** By index for each type: the rest of the log is never touched. */
const BY_TYPE = `SELECT t.seq, t.position FROM unnest($3::text[]) AS wanted (type) CROSS JOIN LATERAL (
    SELECT seq, position FROM event_store.seal WHERE seal.type = wanted.type AND seq > $1::bigint ORDER BY seq LIMIT $2
  ) AS t ORDER BY t.seq LIMIT $2`;

/** Each as a named prepared statement. `$1` afterSeq, `$2` limit, `$3` types; for a stream `$1` its name, `$2` afterVersion. */
export const readQueries = {
  log: { name: 'event_store.log', text: sealedEvents(RANGE, COLUMNS) },
  logByType: { name: 'event_store.log_by_type', text: sealedEvents(BY_TYPE, COLUMNS) },
  headsByType: {
    name: 'event_store.heads_by_type',
    text: sealedEvents(
      BY_TYPE,
      'e.type, e.event_id, (extract(epoch FROM e.recorded_at) * 1000)::int8 AS recorded_at_ms',
    ),
  },
  sealed: { name: 'event_store.sealed', text: sealedEvents(RANGE, `${COLUMNS}, e.digest`) },
  sealedByType: { name: 'event_store.sealed_by_type', text: sealedEvents(BY_TYPE, `${COLUMNS}, e.digest`) },
  stream: {
    name: 'event_store.stream',
    text: `SELECT s.seq, ${COLUMNS} FROM event_store.event e LEFT JOIN LATERAL (
        SELECT seq FROM event_store.seal WHERE seal.position = e.position OFFSET 0
      ) AS s ON true
      WHERE e.stream = $1 AND e.stream_version > $2::bigint ORDER BY e.stream_version`,
  },
  lastSeq: { name: 'event_store.last_seq', text: 'SELECT coalesce(max(seq), 0) FROM event_store.seal' },
} as const;
