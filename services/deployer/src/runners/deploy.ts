import type { Bundle } from '@m3/artifacts';
import type { EventData } from '@m3/contracts';
import {
  fencedReason,
  type DeployResult,
  type RegistrationResult,
  type TargetEnvironment,
} from '@m3/target-environment';
import type { DeploymentResult, EffectFailure } from '../domain/publish.inputs.js';
import { millisecondsSince, StepLog } from './step-log.js';

export interface DeployEffect {
  readonly target: TargetEnvironment;
  readonly bundle: Bundle;
  /** Registers the workflows of the version on the target's gateway. */
  readonly register: () => Promise<RegistrationResult>;
  readonly request: EventData<'DeploymentRequested'>;
  readonly now: () => Date;
}

/** Writes the release to the target database, all or nothing, and registers its workflows on the gateway. */
export async function deploy({ target, bundle, register, request, now }: DeployEffect): Promise<DeploymentResult> {
  const started = performance.now();
  const log = new StepLog(now);
  const { project, version, bundle_digest } = request.subject;
  const [written, registered] = await Promise.all([
    target.deploy({ project, version, bundle, bundleDigest: bundle_digest, fence: request.fence }),
    register(),
  ]);
  if (written.outcome === 'fenced' || written.outcome === 'conflict') return refusedWrite(written, version);
  const failure = registrationFailure(registered, version, log);
  if (failure) return failure;
  const { workflows, agents, processors } = written.counts;
  log.info(`${workflows} workflows, ${agents} agents and ${processors} processors of ${version} are on the target`);
  return {
    outcome: written.outcome,
    checksum: written.checksum,
    counts: { ...written.counts },
    duration_ms: millisecondsSince(started),
    log: log.lines,
  };
}

function refusedWrite(
  result: Extract<DeployResult, { outcome: 'fenced' | 'conflict' }>,
  version: string,
): EffectFailure {
  if (result.outcome === 'fenced') {
    return failure('fenced', fencedReason(result));
  }
  switch (result.reason) {
    case 'other_checksum':
      return failure(
        'version_conflict',
        `${version} is on the target already, with other contents (${result.checksum})`,
      );
    case 'not_storable':
      return failure(
        'not_storable',
        'PostgreSQL cannot store a text in the bundle (a NUL character, or half a surrogate pair)',
      );
    case 'duplicate_name':
      return failure('duplicate_name', 'two artifacts of one kind have the same name');
  }
}

/** A gateway that takes no plans over HTTP reads them from the database; names that are taken by other plans are fatal. */
function registrationFailure(result: RegistrationResult, version: string, log: StepLog): EffectFailure | null {
  switch (result.outcome) {
    case 'registered':
      log.info(`${result.added + result.already_there} planners of ${version} are registered on the gateway`);
      return null;
    case 'registration_refused':
      log.warning(`the gateway takes no plans over HTTP (status ${result.status}); it reads them from the database`);
      return null;
    case 'conflict':
      return failure(
        'planner_conflict',
        `the gateway has other plans under these names: ${result.planners.join(', ')}`,
      );
  }
}

function failure(code: string, reason: string): EffectFailure {
  return { outcome: 'failed', code, reason, unknown: null };
}
