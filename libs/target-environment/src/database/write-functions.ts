import { ARTIFACT_KINDS, BY_INDEX } from './layout.js';

/**
 * Every write is one function, so that it is one transaction and one round trip. Each takes the fence row first:
 * writers of one target queue behind each other, and an attempt older than the newest one seen changes nothing.
 * They are PL/pgSQL and volatile because each statement inside must see what was committed while the fence was awaited;
 * one SQL statement with CTEs would go on with the snapshot from before the wait.
 */
export function writeFunctionsDdl(schema: string): string {
  return [fenceDdl, setRoutesDdl, deployDdl, discardDdl, activateDdl, routeDdl].map((ddl) => ddl(schema)).join('\n');
}

const fenceDdl = (schema: string): string => `
create or replace function ${schema}.publish_take_fence(p_fence bigint) returns bigint language plpgsql as $body$
declare
  v_current bigint;
begin
  select fence into strict v_current from ${schema}.deployment_fence where singleton for update;
  if v_current > p_fence then
    return v_current;
  end if;
  if v_current < p_fence then
    update ${schema}.deployment_fence set fence = p_fence where singleton;
  end if;
  return null;
end $body$;`;

const deployDdl = (schema: string): string => `
create or replace function ${schema}.publish_deploy(
  p_fence bigint, p_version text, p_checksum text, p_manifest jsonb, p_artifacts jsonb
) returns jsonb language plpgsql ${BY_INDEX} as $body$
declare
  v_newer bigint := ${schema}.publish_take_fence(p_fence);
  v_checksum text;
begin
  if v_newer is not null then
    return jsonb_build_object('outcome', 'fenced', 'current', v_newer);
  end if;
  select checksum into v_checksum from ${schema}.release where version = p_version;
  if v_checksum = p_checksum then
    return jsonb_build_object('outcome', 'already_deployed');
  elsif v_checksum is not null then
    return jsonb_build_object('outcome', 'conflict', 'checksum', v_checksum);
  end if;
  insert into ${schema}.release (version, manifest, checksum) values (p_version, p_manifest, p_checksum);
${ARTIFACT_KINDS.map((kind) => deployKindDdl(schema, kind)).join('\n')}
  return jsonb_build_object('outcome', 'deployed');
end $body$;`;

const deployKindDdl = (schema: string, { list, table, content }: (typeof ARTIFACT_KINDS)[number]): string => `
  if p_artifacts -> '${list}' <> '[]' then
    insert into ${schema}.${table} (name, version, ${content}, checksum)
      select name, p_version, coalesce(content, 'null'), checksum
      from jsonb_to_recordset(p_artifacts -> '${list}') as artifact(name text, content jsonb, checksum text);
  end if;`;

const discardDdl = (schema: string): string => `
create or replace function ${schema}.publish_discard(p_fence bigint, p_version text)
returns jsonb language plpgsql ${BY_INDEX} as $body$
declare
  v_newer bigint := ${schema}.publish_take_fence(p_fence);
begin
  if v_newer is not null then
    return jsonb_build_object('outcome', 'fenced', 'current', v_newer);
  end if;
  if not exists (select from ${schema}.release where version = p_version) then
    return jsonb_build_object('outcome', 'already_absent');
  end if;
  if exists (select from ${schema}.active_release where version = p_version) then
    return jsonb_build_object('outcome', 'kept', 'reason', 'active');
  end if;
  if exists (select from ${schema}.traffic_route where version = p_version and weight > 0) then
    return jsonb_build_object('outcome', 'kept', 'reason', 'routed');
  end if;
  if exists (select from ${schema}.release where version = p_version and first_activated_at is not null) then
    return jsonb_build_object('outcome', 'kept', 'reason', 'was_active');
  end if;
  delete from ${schema}.release where version = p_version;
  return jsonb_build_object('outcome', 'discarded');
end $body$;`;

const activateDdl = (schema: string): string => `
create or replace function ${schema}.publish_activate(p_fence bigint, p_version text, p_expected text)
returns jsonb language plpgsql ${BY_INDEX} as $body$
declare
  v_newer bigint := ${schema}.publish_take_fence(p_fence);
  v_active text;
begin
  if v_newer is not null then
    return jsonb_build_object('outcome', 'fenced', 'current', v_newer);
  end if;
  select version into v_active from ${schema}.active_release;
  if v_active is distinct from p_version then
    if v_active is distinct from p_expected then
      return jsonb_build_object('outcome', 'conflict', 'reason', 'other_version_active', 'actual', v_active);
    end if;
    update ${schema}.release set first_activated_at = coalesce(first_activated_at, now()) where version = p_version;
    if not found then
      return jsonb_build_object('outcome', 'conflict', 'reason', 'release_missing', 'actual', v_active);
    end if;
    insert into ${schema}.active_release (version, previous_version, fence, activated_at)
      values (p_version, v_active, p_fence, now())
      on conflict (singleton) do update set version = excluded.version, previous_version = excluded.previous_version,
        fence = excluded.fence, activated_at = excluded.activated_at;
  end if;
  delete from ${schema}.traffic_route where version <> p_version;
  insert into ${schema}.traffic_route as kept (version, weight) values (p_version, 100)
    on conflict (version) do update set weight = excluded.weight where kept.weight <> excluded.weight;
  return jsonb_build_object('outcome', case when v_active = p_version then 'already_active' else 'activated' end,
    'previous_version', v_active);
end $body$;`;

/** Makes the routes equal to the wanted ones; false when they were. */
const setRoutesDdl = (schema: string): string => `
create or replace function ${schema}.publish_set_routes(p_routes jsonb) returns boolean language plpgsql as $body$
declare
  v_removed bigint;
  v_written bigint;
begin
  delete from ${schema}.traffic_route where version not in (select route ->> 'version' from jsonb_array_elements(p_routes) route);
  get diagnostics v_removed = row_count;
  insert into ${schema}.traffic_route as kept (version, weight)
    select version, weight from jsonb_to_recordset(p_routes) as wanted(version text, weight integer)
    on conflict (version) do update set weight = excluded.weight where kept.weight <> excluded.weight;
  get diagnostics v_written = row_count;
  update ${schema}.release set first_activated_at = now() where first_activated_at is null
    and version in (select version from ${schema}.traffic_route where weight > 0);
  return v_removed + v_written > 0;
end $body$;`;

const routeDdl = (schema: string): string => `
create or replace function ${schema}.publish_route(p_fence bigint, p_routes jsonb)
returns jsonb language plpgsql ${BY_INDEX} as $body$
declare
  v_newer bigint := ${schema}.publish_take_fence(p_fence);
  v_missing text;
begin
  if v_newer is not null then
    return jsonb_build_object('outcome', 'fenced', 'current', v_newer);
  end if;
  select wanted.version into v_missing from jsonb_to_recordset(p_routes) as wanted(version text, weight integer)
    where not exists (select from ${schema}.release existing where existing.version = wanted.version) limit 1;
  if found then
    return jsonb_build_object('outcome', 'conflict', 'reason', 'release_missing', 'version', v_missing);
  end if;
  return jsonb_build_object('outcome',
    case when ${schema}.publish_set_routes(p_routes) then 'routed' else 'already_routed' end);
end $body$;`;
