import type { CallOptions } from '../deadline.js';
import type { Manifest } from '../manifest.js';
import { LAYOUT } from './initialise-target.js';
import { required, type TargetDatabase } from './target-database.js';

export interface ActiveRelease {
  readonly version: string;
  readonly previous_version: string | null;
  readonly fence: number;
  /** UTC, ISO 8601 with microseconds. */
  readonly activated_at: string;
  readonly manifest: Manifest;
}

export interface TrafficRoute {
  readonly version: string;
  /** Percent, 0 to 100. */
  readonly weight: number;
}

/** What is active on a target, and how executions are routed. */
export interface ReleaseState {
  readonly active: ActiveRelease | null;
  readonly routes: readonly TrafficRoute[];
  /** The highest fence that has written here; lower ones are refused. */
  readonly fence: number;
}

/** One statement, hence one snapshot: pointer and routes belong together. One round trip. */
export async function readReleaseState(database: TargetDatabase, call: CallOptions): Promise<ReleaseState> {
  const row = await database.row<{ state: ReleaseState }>(
    `select ${database.schema}.publish_state() as state`,
    [],
    call,
  );
  return required(row).state;
}

/** The manifest of a deployed version, active or not; null when it is not on the target. One round trip. */
export async function readManifest(
  database: TargetDatabase,
  version: string,
  call: CallOptions,
): Promise<Manifest | null> {
  const row = await database.row<{ manifest: Manifest }>(
    `select manifest from ${database.schema}.release where version = $1`,
    [version],
    call,
  );
  return row?.manifest ?? null;
}

export interface DatabaseCheck {
  readonly latency_ms: number;
  readonly server_version: string;
  readonly schema_present: boolean;
  /** The tables and functions of this release of the product are there. */
  readonly initialised: boolean;
}

/** Reaches the database and looks whether the schema is ready. One round trip. */
export async function checkDatabase(database: TargetDatabase, call: CallOptions): Promise<DatabaseCheck> {
  const started = performance.now();
  const row = await database.row<Omit<DatabaseCheck, 'latency_ms'>>(
    `select current_setting('server_version') as server_version, to_regnamespace($1) is not null as schema_present,
       coalesce(obj_description(to_regclass($1 || '.release'), 'pg_class') = $2, false) as initialised`,
    [database.schema, LAYOUT],
    call,
  );
  const latency_ms = performance.now() - started;
  return { latency_ms, ...(row ?? { server_version: '', schema_present: false, initialised: false }) };
}
