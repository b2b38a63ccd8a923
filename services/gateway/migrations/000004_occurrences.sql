-- What came of each time that a target's schedule named.
CREATE TABLE occurrence (
  id        text PRIMARY KEY,
  seq       bigint NOT NULL UNIQUE,
  as_of     bigint NOT NULL,
  target_id text NOT NULL,
  document  jsonb NOT NULL
);
CREATE INDEX occurrence_by_target ON occurrence (target_id, seq);
