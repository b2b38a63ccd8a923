import type { PublishEvent } from '@m3/contracts';
import { hasStatus, type InStatus, type PublishState } from './publish.state.js';

/** The events of traffic that is brought to a version share by share. */
type TrafficEvent = Extract<PublishEvent, { type: `Traffic${string}` }>;

/** State after one of them. An event that the state cannot have is a broken log and throws. */
export function evolveTraffic(state: PublishState, event: TrafficEvent): PublishState {
  const from = <Status extends PublishState['status']>(...statuses: Status[]): InStatus<Status> => {
    if (!hasStatus(state, statuses)) throw new Error(`${event.type} cannot follow status ${state.status}`);
    return state;
  };
  switch (event.type) {
    case 'TrafficShiftRequested': {
      const { fence, step, from_version, deadline_at } = event.data;
      const { request, expected_version, backup_id, cancel, served } = from('deployed', 'watching');
      const deployment = { request, expected_version, backup_id, cancel, served, asked: false };
      return { status: 'shifting', ...deployment, fence, step, from_version, deadline_at };
    }
    case 'TrafficShifted': {
      const { weight, counted, shifted_at, watch_until, deadline_at } = event.data;
      const shifting = from('shifting');
      const watch = { weight, counted, shifted_at, watch_until, deadline_at, extended: false };
      return {
        ...{ ...shifting, ...watch },
        ...{ status: 'watching', served: true, deployment_deadline_at: shifting.deadline_at },
      };
    }
    case 'TrafficJudged': {
      const watching = from('watching');
      return { ...watching, extended: watching.extended || event.data.outcome === 'inconclusive' };
    }
    case 'TrafficReturnRequested': {
      const { fence, served, code, reason, timed_out, unknown, deadline_at } = event.data;
      const { request, expected_version, backup_id, cancel } = from('shifting', 'watching');
      const deployment = { request, expected_version, backup_id, cancel, served, asked: false };
      const failure = { step: 'activating', code, reason, timed_out, unknown } as const;
      return { status: 'returning', ...deployment, failure, fence, deadline_at };
    }
    case 'TrafficReturned':
      return from('returning');
  }
}
