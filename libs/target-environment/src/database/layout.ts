/**
 * Sessions keep the plans of functions. One that was made while a table was nearly empty would read it whole for as long
 * as the session lives, however many releases have come since; every row is looked up by key, so that is never wanted.
 * The first plan is kept at once: making it costs more than running it, and PostgreSQL would make it for the first five
 * calls in each session and schema.
 */
export const BY_INDEX = 'set enable_seqscan = off set plan_cache_mode = force_generic_plan';

/** What a release consists of: the name in bundles and snapshots, the table, and its column for the document itself. */
export const ARTIFACT_KINDS = [
  { list: 'workflows', table: 'workflow_definition', content: 'plan' },
  { list: 'agents', table: 'agent_definition', content: 'document' },
  { list: 'processors', table: 'processor_definition', content: 'document' },
] as const;

/**
 * Tables of a target schema. `schema` is already quoted.
 * `release.first_activated_at` tells a candidate that never served (it may be discarded) from one that did.
 */
export function tablesDdl(schema: string): string {
  return `
create schema if not exists ${schema};

create table if not exists ${schema}.release (
  version text primary key,
  manifest jsonb not null,
  checksum text not null,
  created_at timestamptz not null default now(),
  first_activated_at timestamptz
);

create table if not exists ${schema}.workflow_definition (
  name text not null,
  version text not null references ${schema}.release on delete cascade,
  plan jsonb not null,
  checksum text not null,
  primary key (name, version)
);
create index if not exists workflow_definition_version on ${schema}.workflow_definition (version);

create table if not exists ${schema}.agent_definition (
  name text not null,
  version text not null references ${schema}.release on delete cascade,
  document jsonb not null,
  checksum text not null,
  primary key (name, version)
);
create index if not exists agent_definition_version on ${schema}.agent_definition (version);

create table if not exists ${schema}.processor_definition (
  name text not null,
  version text not null references ${schema}.release on delete cascade,
  document jsonb not null,
  checksum text not null,
  primary key (name, version)
);
create index if not exists processor_definition_version on ${schema}.processor_definition (version);

create table if not exists ${schema}.active_release (
  singleton boolean primary key default true check (singleton),
  version text not null references ${schema}.release,
  previous_version text,
  fence bigint not null,
  activated_at timestamptz not null
);

create table if not exists ${schema}.traffic_route (
  version text primary key references ${schema}.release on delete cascade,
  weight integer not null check (weight between 0 and 100)
);

create table if not exists ${schema}.deployment_fence (
  singleton boolean primary key default true check (singleton),
  fence bigint not null
);
insert into ${schema}.deployment_fence (fence) values (0) on conflict do nothing;
`;
}
