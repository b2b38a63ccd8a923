-- Which version is active on each target: a projection of the log, read on when a schedule asks. Its checkpoint is
-- `targets.active-versions` in `process.checkpoint`; with that row removed too, it may be emptied.
create table active_version (
  target_id text primary key,
  -- Null: a rollback left nothing active.
  project text,
  version text,
  -- What was active before; comes back when a publish is rolled back.
  previous_project text,
  previous_version text
);
