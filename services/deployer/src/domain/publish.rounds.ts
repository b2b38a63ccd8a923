import type { PublishEvent } from '@m3/contracts';
import { after, validationSeconds } from './deadlines.js';
import type { Moment } from './publish.inputs.js';
import { subjectOf, type PublishRequest } from './publish.state.js';

/**
 * Asks for the checks of a publish: validation first, and all that follows from it. A publish begins with a round of them,
 * and goes through another one when its target is configured otherwise while it waits: what passed was another target.
 */
export function roundOfChecks(request: PublishRequest, { now, newIds }: Moment): PublishEvent {
  const { allow_older, requires_marie, target } = request;
  return {
    type: 'ValidationRequested',
    data: {
      subject: subjectOf(request),
      gate_run_id: newIds.gateRun,
      allow_older,
      ...(requires_marie === undefined ? {} : { requires_marie }),
      ...(target.traffic === undefined ? {} : { strategy: target.traffic.strategy }),
      deadline_at: after(now, Math.min(validationSeconds, target.timeout_seconds)),
    },
  };
}
