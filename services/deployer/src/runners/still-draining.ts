import type { EventData } from '@m3/contracts';
import type { InvalidationResult, TargetEnvironment } from '@m3/target-environment';
import type { StepLog } from './step-log.js';

export interface Activated {
  readonly target: Pick<TargetEnvironment, 'draining'>;
  /** What the gateway said when it read pointer and routes anew. */
  readonly caches: InvalidationResult;
  readonly version: string;
  readonly log: StepLog;
}

/** Executions that go on on other versions than the one that was made active; none where the gateway cannot say. */
export async function stillDraining(activated: Activated): Promise<EventData<'VersionActivated'>['draining']> {
  const { version, log } = activated;
  const older = (await executionsOf(activated)).filter((each) => each.version !== version);
  for (const each of older) log.info(`${each.running} executions still run on ${each.version}`);
  return older;
}

/** A gateway that told it already is not asked again. */
async function executionsOf({ target, caches }: Activated) {
  if (caches.outcome === 'invalidated' && caches.draining !== undefined) return caches.draining;
  const asked = await target.draining();
  return asked.outcome === 'known' ? asked.executions : [];
}
