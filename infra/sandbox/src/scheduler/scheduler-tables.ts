import type { Pool } from 'pg';

/**
 * The tables in which Marie keeps its runs, made where there is no Marie. Several gateways may start on one database at
 * once, hence the lock; and unlike runs, tables must not get lost when the database crashes.
 */
export async function createSchedulerTables(pool: Pool): Promise<void> {
  await pool.query(`
select set_config('synchronous_commit', 'on', true), pg_advisory_xact_lock(hashtextextended('marie_scheduler', 0));
create schema if not exists marie_scheduler;
create table if not exists marie_scheduler.dag (
  id uuid primary key,
  name text,
  state text,
  serialized_dag jsonb,
  planner text,
  started_on timestamptz,
  completed_on timestamptz,
  created_on timestamptz default now()
);
create index if not exists dag_created_on on marie_scheduler.dag (created_on);
create table if not exists marie_scheduler.job (
  id uuid primary key,
  name text,
  state text,
  dependencies jsonb,
  dag_id uuid references marie_scheduler.dag,
  job_level integer,
  data jsonb,
  output jsonb,
  started_on timestamptz,
  completed_on timestamptz
);
create index if not exists job_dag_id on marie_scheduler.job (dag_id);`);
}
