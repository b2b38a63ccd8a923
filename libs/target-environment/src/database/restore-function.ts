import { ARTIFACT_KINDS, BY_INDEX } from './layout.js';

/**
 * Puts back exactly what a snapshot holds: its releases with every artifact, the pointer and the routes. Rows that are
 * already right are not rewritten. Releases that the snapshot does not name stay: executions may still run on them.
 */
export function restoreFunctionDdl(schema: string): string {
  return `
create or replace function ${schema}.publish_restore(p_fence bigint, p_snapshot jsonb)
returns jsonb language plpgsql ${BY_INDEX} as $body$
declare
  v_newer bigint := ${schema}.publish_take_fence(p_fence);
  v_active text := p_snapshot #>> '{active_release,version}';
  v_previous text := p_snapshot #>> '{active_release,previous_version}';
  v_rows bigint;
  v_changed bigint := 0;
begin
  if v_newer is not null then
    return jsonb_build_object('outcome', 'fenced', 'current', v_newer);
  end if;
  insert into ${schema}.release as kept (version, manifest, checksum, created_at)
    select version, manifest, checksum, created_at from jsonb_to_recordset(p_snapshot -> 'releases')
      as wanted(version text, manifest jsonb, checksum text, created_at timestamptz)
    on conflict (version) do update
      set manifest = excluded.manifest, checksum = excluded.checksum, created_at = excluded.created_at
      where (kept.manifest, kept.checksum, kept.created_at)
        is distinct from (excluded.manifest, excluded.checksum, excluded.created_at);${COUNT}
${ARTIFACT_KINDS.map((kind) => restoreKind(schema, kind)).join('\n')}
${restorePointer(schema)}
  if ${schema}.publish_set_routes(p_snapshot -> 'routes') then
    v_changed := v_changed + 1;
  end if;
  return jsonb_build_object('outcome', case when v_changed > 0 then 'restored' else 'already_restored' end);
end $body$;`;
}

const COUNT = `
  get diagnostics v_rows = row_count;
  v_changed := v_changed + v_rows;`;

function restoreKind(schema: string, kind: (typeof ARTIFACT_KINDS)[number]): string {
  const { table, content, list } = kind;
  return `
  delete from ${schema}.${table} existing
    where existing.version in (select r ->> 'version' from jsonb_array_elements(p_snapshot -> 'releases') r)
      and (existing.name, existing.version) not in (
        select wanted.name, wanted.version from jsonb_to_recordset(p_snapshot -> '${list}') as wanted(name text, version text));${COUNT}
  insert into ${schema}.${table} as kept (name, version, ${content}, checksum)
    select name, version, coalesce(${content}, 'null'), checksum from jsonb_to_recordset(p_snapshot -> '${list}')
      as wanted(name text, version text, ${content} jsonb, checksum text)
    on conflict (name, version) do update set ${content} = excluded.${content}, checksum = excluded.checksum
      where (kept.${content}, kept.checksum) is distinct from (excluded.${content}, excluded.checksum);${COUNT}`;
}

function restorePointer(schema: string): string {
  return `
  delete from ${schema}.active_release where v_active is null;${COUNT}
  insert into ${schema}.active_release as pointer (version, previous_version, fence, activated_at)
    select v_active, v_previous, p_fence, now() where v_active is not null
    on conflict (singleton) do update set version = excluded.version, previous_version = excluded.previous_version,
      activated_at = case when pointer.version = excluded.version then pointer.activated_at else excluded.activated_at end
      where (pointer.version, pointer.previous_version) is distinct from (excluded.version, excluded.previous_version);${COUNT}
  update ${schema}.active_release set fence = p_fence where fence <> p_fence;
  update ${schema}.release set first_activated_at = now() where version = v_active and first_activated_at is null;`;
}
