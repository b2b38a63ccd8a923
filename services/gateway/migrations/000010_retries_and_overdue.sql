-- Which publish does another one again; and the few that are past a deadline.
ALTER TABLE publish ADD COLUMN retry_of text, ADD COLUMN overdue text;
CREATE INDEX publish_by_retried ON publish (retry_of, seq) WHERE retry_of IS NOT NULL;
CREATE INDEX publish_overdue ON publish (overdue, seq) WHERE overdue IS NOT NULL;
