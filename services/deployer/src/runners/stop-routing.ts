import type { EventData } from '@m3/contracts';
import { fencedReason, type TargetEnvironment } from '@m3/target-environment';
import type { RoutingStopResult } from '../domain/publish.inputs.js';
import { millisecondsSince, StepLog } from './step-log.js';

export interface StopRoutingEffect {
  readonly target: TargetEnvironment;
  readonly request: EventData<'RoutingStopRequested'>;
  readonly now: () => Date;
}

/** Lets no new executions begin on the target until it is restored; those that run go on. */
export async function stopRouting({ target, request, now }: StopRoutingEffect): Promise<RoutingStopResult> {
  const started = performance.now();
  const log = new StepLog(now);
  const stop = await target.stopRouting({ fence: request.fence });
  const ended = (
    outcome: 'stopped' | 'nothing_active' | 'not_supported',
    reason: string | null,
  ): RoutingStopResult => ({
    ...{ outcome, reason, duration_ms: millisecondsSince(started), log: log.lines },
  });
  switch (stop.outcome) {
    case 'fenced':
      return { outcome: 'fenced', reason: fencedReason(stop) };
    case 'unsupported': {
      const reason = 'the gateway routes by nothing that could be stopped: new executions go on until the restore';
      log.warning(reason);
      return ended('not_supported', reason);
    }
    case 'nothing_active':
      return ended('nothing_active', null);
    case 'stopped':
      await target.invalidateCaches();
      log.info(`no new executions begin on ${stop.version}; those that run go on`);
      return ended('stopped', null);
  }
}
