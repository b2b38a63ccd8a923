-- Rollbacks are publishes that undo others: whoever looks at one that was undone finds them.
ALTER TABLE publish ADD COLUMN undoes text;
CREATE INDEX publish_by_undoes ON publish (undoes, seq) WHERE undoes IS NOT NULL;
