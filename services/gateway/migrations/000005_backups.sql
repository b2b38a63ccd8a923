-- Backups are listed by status and version, found by name, looked at and deleted.
UPDATE backup SET document = document || jsonb_build_object(
  'previous_version', NULL, 'deleted_at', NULL, 'deleted_reason', NULL, 'verification', NULL);
ALTER TABLE backup ADD COLUMN status text, ADD COLUMN version text, ADD COLUMN name text;
UPDATE backup SET
  status = document ->> 'status', version = document ->> 'active_version', name = document ->> 'name';
ALTER TABLE backup ALTER COLUMN status SET NOT NULL;
CREATE INDEX backup_by_status ON backup (status, seq);
CREATE INDEX backup_by_version ON backup (version, seq);
CREATE INDEX backup_by_name ON backup (name);

CREATE TABLE verification (
  id       text PRIMARY KEY,
  seq      bigint NOT NULL UNIQUE,
  as_of    bigint NOT NULL,
  document jsonb NOT NULL
);
