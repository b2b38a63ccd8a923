-- Dead letters of one reason, and of one consumer; and how often a replay of each failed too.
ALTER TABLE dead_letter ADD COLUMN code text, ADD COLUMN consumer text;
UPDATE dead_letter SET
  code = document ->> 'code',
  consumer = document ->> 'consumer',
  document = document || jsonb_build_object('failed_replays', 0, 'failed_replay_id', null, 'last_failed_at', document -> 'recorded_at');
ALTER TABLE dead_letter ALTER COLUMN code SET NOT NULL, ALTER COLUMN consumer SET NOT NULL;
CREATE INDEX dead_letter_by_code ON dead_letter (code, seq);
CREATE INDEX dead_letter_by_consumer ON dead_letter (consumer, seq);
