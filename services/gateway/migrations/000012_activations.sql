-- Where in the log the active version of a target was changed: publish streams hold these events, and a target has many.
CREATE TABLE activation (
  id        text PRIMARY KEY,
  seq       bigint NOT NULL UNIQUE,
  as_of     bigint NOT NULL,
  target_id text NOT NULL,
  at        text COLLATE "C" NOT NULL,
  document  jsonb NOT NULL
);
CREATE INDEX activation_by_target ON activation (target_id, seq);

-- What was projected before this table was there.
INSERT INTO activation (id, seq, as_of, target_id, at, document)
SELECT e.stream || '/' || e.stream_version, s.seq, s.seq, e.data ->> 'target_id', e.metadata ->> 'occurredAt',
  jsonb_build_object('stream', e.stream, 'stream_version', e.stream_version, 'type', e.type,
    'target_id', e.data ->> 'target_id', 'at', e.metadata ->> 'occurredAt')
FROM event_store.seal s JOIN event_store.event e USING (position)
WHERE s.type IN ('VersionActivated', 'TargetRestoredByHand', 'PublishRolledBack')
  AND s.seq <= (SELECT c.seq FROM checkpoint c WHERE c.name = 'read_models');
