import type { EventData } from '@m3/contracts';
import { fencedReason, type ActivateResult, type TargetEnvironment } from '@m3/target-environment';
import type { ActivationResult, EffectFailure } from '../domain/publish.inputs.js';
import { millisecondsSince, StepLog } from './step-log.js';
import { stillDraining } from './still-draining.js';

export interface ActivateEffect {
  readonly target: TargetEnvironment;
  readonly request: EventData<'ActivationRequested'>;
  readonly now: () => Date;
}

/** Moves the target's pointer by compare-and-set, makes the gateway see it, and tells what still drains. */
export async function activate({ target, request, now }: ActivateEffect): Promise<ActivationResult> {
  const started = performance.now();
  const log = new StepLog(now);
  const { version } = request.subject;
  const result = await target.activate({ version, expectedVersion: request.expected_version, fence: request.fence });
  if (result.outcome === 'fenced' || result.outcome === 'conflict')
    return refusedSwitch(result, request.expected_version);
  // Done before, and asked for again: what it took the place of is what had been expected to be active.
  const previous_version = result.outcome === 'activated' ? result.previous_version : request.expected_version;
  log.info(`${version} is active${previous_version === null ? '' : ` in place of ${previous_version}`}`);
  const caches = await target.invalidateCaches();
  if (caches.outcome === 'invalidated') log.info('the gateway has read pointer, routes and plans anew');
  else log.warning('the gateway has no call to drop its caches; it follows when it reads again');
  const draining = await stillDraining({ target, caches, version, log });
  return {
    outcome: 'activated',
    previous_version,
    draining,
    duration_ms: millisecondsSince(started),
    log: log.lines,
  };
}

function refusedSwitch(
  result: Extract<ActivateResult, { outcome: 'fenced' | 'conflict' }>,
  expected: string | null,
): EffectFailure {
  if (result.outcome === 'fenced') {
    return { outcome: 'failed', code: 'fenced', reason: fencedReason(result), unknown: null };
  }
  const reason =
    result.reason === 'release_missing'
      ? 'the release is no longer on the target'
      : `${result.actual ?? 'nothing'} is active on the target, not ${expected ?? 'nothing'} as when it was backed up`;
  return { outcome: 'failed', code: result.reason, reason, unknown: null };
}
