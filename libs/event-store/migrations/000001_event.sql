-- The log. Rows are inserted by append_batch and never change; what is learnt later about a row (its seq) stands in `seal`.
CREATE TABLE event_store.event (
  position       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The writing transaction (plus the offset of event_store.restoration). Together with position this is the global order.
  transaction_id xid8 NOT NULL,
  stream         text NOT NULL CHECK (stream ~ '^[a-z][a-z0-9_]*-.' AND length(stream) <= 255),
  stream_version bigint NOT NULL CHECK (stream_version > 0),
  category       text NOT NULL GENERATED ALWAYS AS (split_part(stream, '-', 1)) STORED,
  type           text NOT NULL,
  schema_version integer NOT NULL CHECK (schema_version > 0),
  event_id       uuid NOT NULL UNIQUE,
  data           jsonb NOT NULL,
  metadata       jsonb NOT NULL,
  recorded_at    timestamptz NOT NULL,
  digest         bytea NOT NULL CHECK (length(digest) = 32),
  UNIQUE (stream, stream_version)
);

-- What the sealer walks along: all committed rows in global order.
CREATE INDEX event_in_global_order ON event_store.event (transaction_id, position);

-- The dense global order, stamped by seal_next. The type is repeated so that a reader of few types skips the rest by index.
CREATE TABLE event_store.seal (
  seq      bigint PRIMARY KEY,
  position bigint NOT NULL UNIQUE,
  type     text NOT NULL
);
CREATE INDEX seal_by_type ON event_store.seal (type, seq) INCLUDE (position);

-- One row for each time that the log was restored from a dump into a cluster whose transaction ids were behind.
CREATE TABLE event_store.restoration (
  transaction_offset bigint PRIMARY KEY,
  adopted_at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
