import type { CallOptions } from '../deadline.js';
import { checkedFence, type Fenced } from './deploy-release.js';
import { readReleaseState, type TrafficRoute } from './release-state.js';
import { required, type TargetDatabase } from './target-database.js';

export interface Activation {
  readonly version: string;
  /** The version that has to be active for the switch to happen; null: none. */
  readonly expectedVersion: string | null;
  readonly fence: number;
}

export type ActivateResult =
  | { readonly outcome: 'activated' | 'already_active'; readonly previous_version: string | null }
  | Fenced
  | {
      readonly outcome: 'conflict';
      readonly reason: 'other_version_active' | 'release_missing';
      /** The version that is active. */
      readonly actual: string | null;
    };

/**
 * Moves the pointer from the expected version and routes all new executions to the new one: one transaction, one round
 * trip. Afterwards the version has all traffic also if it was active already.
 */
export async function activateRelease(
  database: TargetDatabase,
  activation: Activation,
  call: CallOptions,
): Promise<ActivateResult> {
  const row = await database.row<{ result: ActivateResult }>(
    `select ${database.schema}.publish_activate($1, $2, $3) as result`,
    [checkedFence(activation.fence), activation.version, activation.expectedVersion],
    call,
  );
  return required(row).result;
}

export interface Routing {
  /** Versions with their share of new executions; the weights add up to 100. */
  readonly routes: readonly TrafficRoute[];
  readonly fence: number;
}

export type RouteResult =
  | { readonly outcome: 'routed' | 'already_routed' }
  | Fenced
  | { readonly outcome: 'conflict'; readonly reason: 'release_missing'; readonly version: string };

/**
 * Splits new executions between deployed versions without moving the pointer. One transaction, one round trip.
 * @throws RangeError for weights that are not whole percents adding up to 100, or a version named twice
 */
export async function routeTraffic(
  database: TargetDatabase,
  { routes, fence }: Routing,
  call: CallOptions,
): Promise<RouteResult> {
  const total = routes.reduce((sum, { weight }) => sum + weight, 0);
  const whole = routes.every(({ weight }) => Number.isInteger(weight) && weight >= 0);
  if (!whole || total !== 100 || new Set(routes.map(({ version }) => version)).size !== routes.length) {
    throw new RangeError('route weights are whole percents of different versions that add up to 100');
  }
  const row = await database.row<{ result: RouteResult }>(
    `select ${database.schema}.publish_route($1, $2) as result`,
    [checkedFence(fence), JSON.stringify(routes.map(({ version, weight }) => ({ version, weight })))],
    call,
  );
  return required(row).result;
}

export type StopResult =
  { readonly outcome: 'stopped'; readonly version: string } | { readonly outcome: 'nothing_active' } | Fenced;

/**
 * Leaves the pointer where it is, and gives no version any new executions: the active one has a route that takes none.
 * Two round trips; an activation or a restore routes again.
 */
export async function stopRouting(
  database: TargetDatabase,
  { fence }: { readonly fence: number },
  call: CallOptions,
): Promise<StopResult> {
  const { active } = await readReleaseState(database, call);
  const routes = active === null ? [] : [{ version: active.version, weight: 0 }];
  const row = await database.row<{ result: RouteResult }>(
    `select ${database.schema}.publish_route($1, $2) as result`,
    [checkedFence(fence), JSON.stringify(routes)],
    call,
  );
  const { result } = required(row);
  if (result.outcome === 'fenced') return result;
  return active === null ? { outcome: 'nothing_active' } : { outcome: 'stopped', version: active.version };
}
