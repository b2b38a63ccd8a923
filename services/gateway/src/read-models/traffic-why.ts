import type { PublishWhy, TrafficLimits } from '@m3/contracts';
import type { PublishRow, Waiting } from '../projections/publish-row.js';

type Reason = Omit<PublishWhy, 'publish_id' | 'status'>;
type Watched = Extract<Waiting, { for: 'traffic' }>;

/** Why a publish waits whose version has a share of the traffic: until when, what has to come, and what follows if not. */
export function trafficReason({ publish_id, version }: PublishRow, watched: Watched): Reason {
  const { step, steps, weight, from_version, since, watch_until, deadline_at, extended, limits } = watched;
  const share = `${weight} % of new executions go to ${version} (share ${step} of ${steps}), the rest to ${from_version}.`;
  const back = `If it does badly, all go back to ${from_version} by themselves, at once.`;
  const executions = {
    who: `executions of ${version}`,
    how: `${limits.min_requests} have to have ended; m3-publish traffic ${publish_id} counts them`,
  };
  return {
    waits_for: 'traffic',
    explanation: [share, extended ? longerText(watched) : untilText(watched), goodText(limits), back].join(' '),
    ...{ since, deadline_at, blocks: [] },
    // Once it is late, it goes on as soon as there are enough executions, and nobody knows when that is.
    resume_at: extended ? null : watch_until,
    can_be_moved_by: extended ? [executions] : [{ who: 'the clock', how: `at ${watch_until}` }, executions],
  };
}

function untilText({ watch_until, limits: { min_requests, extend_seconds } }: Watched): string {
  const longer = extend_seconds === 0 ? 'with fewer, traffic goes back' : `with fewer, for ${extend_seconds} s longer`;
  return `That is watched until ${watch_until}; at least ${min_requests} executions have to have ended by then, ${longer}.`;
}

function longerText({ watch_until, limits: { min_requests, extend_seconds } }: Watched): string {
  const end = new Date(Date.parse(watch_until) + extend_seconds * 1000).toISOString();
  return `Too few executions had ended by ${watch_until}: it is watched until ${min_requests} have, or goes back at ${end}.`;
}

function goodText({ max_error_rate, max_p95_ms }: TrafficLimits): string {
  const p95 = max_p95_ms === null ? '' : `, and 95 % of them take at most ${max_p95_ms} ms`;
  return `It does well while at most ${max_error_rate} % of them fail${p95}.`;
}
