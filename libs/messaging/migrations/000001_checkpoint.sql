-- How far each reader of the log has come. One row a reader; moved by compare-and-set on seq.
CREATE TABLE messaging.checkpoint (
  name      text PRIMARY KEY CHECK (name <> ''),
  seq       bigint NOT NULL CHECK (seq >= 0),
  -- What stands at or below seq and is not done yet: a few events that take long or wait for another attempt.
  open_seqs bigint[] NOT NULL DEFAULT '{}' CHECK (cardinality(open_seqs) <= 20000),
  moved_at  timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
