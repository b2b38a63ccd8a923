import { BundleMissingError } from '@m3/bundles';
import type { EventData } from '@m3/contracts';
import { describeTargetFault, type OutsideFault } from '@m3/target-access';
import type { InvalidationResult, RegistrationResult, ReleaseState, TargetEnvironment } from '@m3/target-environment';
import type { EffectFailure, ReactivationResult } from '../domain/publish.inputs.js';
import { millisecondsSince, StepLog } from './step-log.js';
import { stillDraining } from './still-draining.js';

export interface ReactivateEffect {
  readonly target: TargetEnvironment;
  /** Registers the workflows of the version on the target's gateway. @throws BundleMissingError */
  readonly register: () => Promise<RegistrationResult>;
  readonly request: EventData<'ReactivationRequested'>;
  readonly now: () => Date;
}

/** Makes the gateway serve what was restored: its planners, then pointer, routes and plans read anew. */
export async function reactivate({ target, register, request, now }: ReactivateEffect): Promise<ReactivationResult> {
  const started = performance.now();
  const log = new StepLog(now);
  const { version } = request.subject;
  const { active, routes } = await target.releaseState();
  if (active?.version !== version) {
    const reason = `${active?.version ?? 'nothing'} is active on the target after the restore, not ${version}`;
    return failure('other_version_active', reason);
  }
  const fenced = await reopen(target, request, routes);
  if (fenced) return fenced;
  await registered(register, log);
  const caches = await follow(target, version, log);
  const draining = await stillDraining({ target, caches, version, log });
  return {
    outcome: 'reactivated',
    previous_version: active.previous_version,
    draining,
    duration_ms: millisecondsSince(started),
    log: log.lines,
  };
}

/** A backup that was taken while new executions were stopped would leave them so. */
async function reopen(
  target: TargetEnvironment,
  { subject, fence }: EventData<'ReactivationRequested'>,
  routes: ReleaseState['routes'],
): Promise<EffectFailure | null> {
  if (routes.length === 0 || routes.some(({ weight }) => weight > 0)) return null;
  const { version } = subject;
  const result = await target.activate({ version, expectedVersion: version, fence });
  if (result.outcome === 'activated' || result.outcome === 'already_active') return null;
  return failure(result.outcome, `new executions could not be routed to ${version} again (${result.outcome})`);
}

/** The planners of a gateway are lost when it restarts; one that reads plans from the database needs none. */
async function registered(register: ReactivateEffect['register'], log: StepLog): Promise<void> {
  try {
    const result = await register();
    if (result.outcome === 'registered')
      log.info(`${result.added + result.already_there} planners are registered on the gateway`);
    else log.warning(`the gateway did not take all planners (${result.outcome}); it has those from before`);
  } catch (error) {
    if (!(error instanceof BundleMissingError)) throw error;
    log.warning('the bundle of the version is not kept here: its planners were not registered again');
  }
}

async function follow(target: TargetEnvironment, version: string, log: StepLog): Promise<InvalidationResult> {
  const caches = await target.invalidateCaches();
  if (caches.outcome === 'unsupported') {
    log.warning('the gateway has no call to drop its caches; it follows when it reads again');
    return caches;
  }
  if (caches.active_version !== version) throw new GatewayLagsError(version, caches.active_version);
  log.info(`the gateway serves ${version}: it has read pointer, routes and plans anew`);
  return caches;
}

/** The gateway has read the database again, and still serves something else. */
class GatewayLagsError extends Error {
  constructor(wanted: string, served: string | null) {
    super(`the gateway serves ${served ?? 'nothing'} although ${wanted} is active`);
    this.name = 'GatewayLagsError';
  }
}

/** A gateway that lags is asked again, as one that does not answer is. */
export function describeReactivationFault(error: unknown): OutsideFault | null {
  if (error instanceof GatewayLagsError) return { code: 'gateway_lags', reason: error.message, retryable: true };
  return describeTargetFault(error);
}

function failure(code: string, reason: string): EffectFailure {
  return { outcome: 'failed', code, reason, unknown: null };
}
