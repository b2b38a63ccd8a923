-- Deadlines of open processes: a projection of the log, so that none is lost when a process dies between an append and a
-- note of its deadline. Rows can be dropped at any time; they come back from the log.
create table process.deadline (
  service text not null,
  key text not null,
  due_at timestamptz not null,
  primary key (service, key)
);
create index deadline_due on process.deadline (service, due_at);

create table process.checkpoint (
  service text primary key,
  seq bigint not null
);
