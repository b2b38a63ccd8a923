import type { RecordedEventOf } from '@m3/contracts';
import { startedBy } from '@m3/process';
import { tryPatiently } from '@m3/target-access';
import type { InStatus } from '../domain/publish.state.js';
import { returnTraffic, shiftTraffic } from '../runners/shift-traffic.js';
import { lookAtShare } from './look-at-share.js';
import { deployer, known, perform, type PerformParts, type Repeat } from './perform.js';

/** The restore that follows sends the traffic back as well. */
const returnPatienceMs = 5_000;
/** The next look comes soon. */
const lookTimeoutMs = 2_000;

/** Brings traffic to a version share by share, and looks at what becomes of it. */
export class BringTraffic {
  constructor(private readonly parts: PerformParts) {}

  shift(event: RecordedEventOf<'TrafficShiftRequested'>, delivery: Repeat = { repeated: true }): Promise<void> {
    const { data: request } = event;
    return perform(this.parts, { event, delivery, statuses: ['shifting'] }, async (target, patience) => {
      const work = () => shiftTraffic({ target, request, now: this.parts.clock });
      const result = await known(patience, 'whether traffic was shifted', work);
      return { type: 'TrafficShiftTried', step: request.step, result };
    });
  }

  giveBack(event: RecordedEventOf<'TrafficReturnRequested'>, delivery: Repeat = { repeated: true }): Promise<void> {
    const { data: request } = event;
    return perform(this.parts, { event, delivery, statuses: ['returning'] }, async (target, patience) => {
      const work = () => returnTraffic({ target, request, now: this.parts.clock });
      const tried = await tryPatiently({ ...patience, lastsMs: returnPatienceMs }, work);
      if (tried.outcome === 'answered') return { type: 'TrafficReturnTried', result: tried.result };
      const { reason } = tried;
      return { type: 'TrafficReturnTried', result: { outcome: 'not_returned', reason, duration_ms: 0, log: [] } };
    });
  }

  /** One look at what the version does with its share. Whoever looks again later needs no answer now. */
  async look(watching: InStatus<'watching'>): Promise<void> {
    const { request, step } = watching;
    const { publish_id } = request;
    const seen = await lookAtShare(this.parts.targets, watching, { timeoutMs: lookTimeoutMs });
    const measured = seen.outcome === 'known' ? seen.measured : null;
    const context = startedBy(`traffic-${publish_id}-${step}`, deployer, this.parts.clock);
    await this.parts.publishes.react(publish_id, { type: 'TrafficMeasured', step, measured }, context);
  }
}
