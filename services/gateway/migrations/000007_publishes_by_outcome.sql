-- A publish changes its status a dozen times. While an index holds the status, each change is an entry more in every index
-- of the table, which costs more than all else that the projector does. `outcome` is `open` until the publish has ended.
ALTER TABLE publish ADD COLUMN outcome text NOT NULL DEFAULT 'open';
ALTER TABLE publish ALTER COLUMN outcome DROP DEFAULT;
UPDATE publish SET outcome = status
WHERE status IN ('succeeded', 'rejected', 'failed', 'cancelled', 'rolled_back', 'rollback_failed');

DROP INDEX publish_by_status, publish_by_target_and_status, publish_by_project_and_status;
CREATE INDEX publish_by_outcome ON publish (outcome, seq);
CREATE INDEX publish_by_target_and_outcome ON publish (target_id, outcome, seq);
CREATE INDEX publish_by_project_and_outcome ON publish (project, outcome, seq);

-- Room beside each row for its next version.
ALTER TABLE publish SET (fillfactor = 60);
