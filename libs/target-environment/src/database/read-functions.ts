import { BY_INDEX } from './layout.js';

/** A `timestamptz` as ISO 8601 text in UTC that loses nothing. */
export function utc(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/**
 * Reading is done by functions so that sessions keep the plans. They are stable: everything inside sees the snapshot of
 * the one statement that calls them, so what they answer was true at one moment.
 */
export function readFunctionsDdl(schema: string): string {
  return [stateDdl(schema), snapshotDdl(schema)].join('\n');
}

const stateDdl = (schema: string): string => `
create or replace function ${schema}.publish_state() returns json stable language plpgsql ${BY_INDEX} as $body$
begin
  return json_build_object(
    'active', (
      select json_build_object('version', pointer.version, 'previous_version', pointer.previous_version,
        'fence', pointer.fence, 'activated_at', ${utc('pointer.activated_at')},
        'manifest', (select manifest from ${schema}.release where release.version = pointer.version))
      from ${schema}.active_release pointer),
    'routes', (
      select coalesce(json_agg(json_build_object('version', version, 'weight', weight) order by version collate "C"), '[]')
      from ${schema}.traffic_route),
    'fence', (select fence from ${schema}.deployment_fence));
end $body$;`;

const BY_VERSION = 'version collate "C"';
const BY_NAME = `${BY_VERSION}, name collate "C"`;
const RELEASE = `'version', version, 'manifest', manifest, 'checksum', checksum, 'created_at', ${utc('created_at')}`;

const snapshotDdl = (schema: string): string => {
  const listed = (table: string, columns: string, order: string) => `(
      select coalesce(json_agg(json_build_object(${columns}) order by ${order}), '[]')
      from ${schema}.${table} where version = any (v_live))`;
  const artifact = (content: string) =>
    `'name', name, 'version', version, '${content}', ${content}, 'checksum', checksum`;
  return `
create or replace function ${schema}.publish_snapshot() returns json stable language plpgsql ${BY_INDEX} as $body$
declare
  v_live text[] := array(select version from ${schema}.active_release union select version from ${schema}.traffic_route);
begin
  return json_build_object(
    'active_release', (
      select json_build_object('version', version, 'previous_version', previous_version) from ${schema}.active_release),
    'routes', ${listed('traffic_route', `'version', version, 'weight', weight`, BY_VERSION)},
    'releases', ${listed('release', RELEASE, BY_VERSION)},
    'workflows', ${listed('workflow_definition', artifact('plan'), BY_NAME)},
    'agents', ${listed('agent_definition', artifact('document'), BY_NAME)},
    'processors', ${listed('processor_definition', artifact('document'), BY_NAME)});
end $body$;`;
};
