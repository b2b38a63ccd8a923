-- When each target is probed next, and what the probes of the last time found. May be emptied: a service that starts plans
-- all targets anew. What matters for ever, a change of health, is in the log.
create table health_probe (
  target_id text primary key,
  interval_seconds integer not null,
  -- Null: not probed, because the target is disabled.
  due_at timestamptz,
  failures integer not null default 0,
  -- Null: not probed yet.
  status text,
  -- What the log says; it is told again until both agree.
  reported text not null default 'healthy'
);
create index health_probe_due on health_probe (due_at);

create table health_result (
  id bigint generated always as identity primary key,
  target_id text not null,
  at timestamptz not null,
  gateway_latency_ms double precision,
  database_latency_ms double precision,
  faults jsonb not null
);
create index health_result_of_target on health_result (target_id, id);
