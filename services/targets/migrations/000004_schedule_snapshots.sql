-- What the events of a schedule come to, up to a version of its stream: a start reads what came after, not years of it. May
-- be emptied; rows of another format are not read.
create table schedule_snapshot (
  target_id text primary key,
  format integer not null,
  version bigint not null,
  state jsonb not null
);
