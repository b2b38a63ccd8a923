import type { MeasuredTraffic, PublishTraffic, TrafficLimits, TrafficLook, TrafficPlan } from '@m3/contracts';
import { duration } from './text.js';

type Share = Pick<PublishTraffic, 'weight' | 'version' | 'step' | 'steps'>;

/** `10 % of new executions go to v1.3.0 (share 1 of 2)` */
export function shareText({ weight, version, step, steps }: Share): string {
  return `${weight} % of new executions go to ${version} (share ${step} of ${steps})`;
}

/** How a plan would bring traffic to the version: which shares, and by what they are judged. */
export function planText({ strategy, steps, ...limits }: TrafficPlan): readonly string[] {
  const shares = steps.map(({ weight, pause_seconds }) => `${weight} % for ${duration(pause_seconds * 1000)}`);
  return [`traffic: ${strategy}: ${shares.join(', ')}, then all of it`, `  ${limitsText(limits)}`];
}

export function limitsText({ max_error_rate, max_p95_ms, min_requests, extend_seconds }: TrafficLimits): string {
  const slow = max_p95_ms === null ? '' : `, or 95 % of them take more than ${max_p95_ms} ms`;
  const needed = `${min_requests} executions are needed (${duration(extend_seconds * 1000)} more for them)`;
  return `goes back where more than ${max_error_rate} % fail${slow}; ${needed}`;
}

/** What a version does with its share now, in lines. */
export function lookLines(look: TrafficLook, time: (iso: string) => string): readonly string[] {
  const { target_name, from_version, watch_until, extended, limits, measured, reason } = look;
  const until = extended ? `for longer than ${time(watch_until)}: too few came` : `until ${time(watch_until)}`;
  return [
    `${target_name}: ${shareText(look)}, the rest to ${from_version}; watched ${until}`,
    measured === null ? `  unknown: ${reason ?? ''}` : `  ${measuredText(measured)}`,
    `  ${limitsText(limits)}`,
  ];
}

function measuredText({ executions, failures, p95_ms }: MeasuredTraffic): string {
  if (executions === 0) return 'no execution has ended so far';
  const rate = Math.round((failures / executions) * 1000) / 10;
  const slow = p95_ms === null ? '' : `; 95 % took up to ${duration(p95_ms)}`;
  return `${executions} executions have ended, ${failures} of them failed (${rate} %)${slow}`;
}
