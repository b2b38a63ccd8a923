import type { EventData, TrafficPlan } from '@m3/contracts';

/** Whether a version did well with its share of the traffic: a pure rule over what the gateway counted. */

/** What the version did since its share was raised; null: the gateway did not tell. */
export type Measured = EventData<'TrafficJudged'>['measured'];

type Counts = EventData<'TrafficShifted'>['counted'];

export interface Watch {
  /** ISO 8601 */
  readonly watch_until: string;
  /** It was found to be inconclusive once, and is watched for longer. */
  readonly extended: boolean;
}

/** `watch`: there is nothing to say yet. */
export type Verdict =
  | { readonly outcome: 'watch' }
  | { readonly outcome: 'passed' | 'inconclusive'; readonly reason: string }
  | { readonly outcome: 'failed'; readonly code: TrafficFault; readonly reason: string };

export type TrafficFault = 'error_rate_too_high' | 'p95_too_high' | 'too_few_requests';

type Limits = Pick<TrafficPlan, 'max_error_rate' | 'max_p95_ms' | 'min_requests' | 'extend_seconds'>;

/** A limit that is broken counts at once, everything else when the time is over. No data is never a pass. */
export function judgeTraffic(limits: Limits, measured: Measured, watch: Watch, now: string): Verdict {
  const enough = measured !== null && measured.executions >= limits.min_requests;
  const fault = enough ? faultOf(limits, measured) : null;
  if (fault) return { outcome: 'failed', ...fault };
  const over = Date.parse(now) - Date.parse(watch.watch_until);
  if (over < 0) return { outcome: 'watch' };
  if (enough) return { outcome: 'passed', reason: describe(measured) };
  const reason = `${describe(measured)}; ${limits.min_requests} executions are needed`;
  if (over >= limits.extend_seconds * 1000) return { outcome: 'failed', code: 'too_few_requests', reason };
  return watch.extended ? { outcome: 'watch' } : { outcome: 'inconclusive', reason };
}

function faultOf({ max_error_rate, max_p95_ms }: Limits, measured: NonNullable<Measured>) {
  if (errorRate(measured) > max_error_rate) {
    const reason = `${describe(measured)}: more than ${max_error_rate} %`;
    return { code: 'error_rate_too_high', reason } as const;
  }
  if (max_p95_ms === null || measured.p95_ms === null || measured.p95_ms <= max_p95_ms) return null;
  const reason = `95 % of the executions took up to ${Math.round(measured.p95_ms)} ms: more than ${max_p95_ms} ms`;
  return { code: 'p95_too_high', reason } as const;
}

/** In percent; of one execution at least. */
function errorRate({ executions, failures }: NonNullable<Measured>): number {
  return (failures / executions) * 100;
}

function describe(measured: Measured): string {
  if (measured === null) return 'the gateway does not tell';
  if (measured.executions === 0) return 'no execution has ended';
  return `${measured.executions} executions, ${Math.round(errorRate(measured) * 10) / 10} % of them failed`;
}

/** What came since the count before. A gateway that counts from 0 again (it was restarted) counts what came since then. */
export function since(before: Counts, after: Counts & { readonly p95_ms: number | null }): NonNullable<Measured> {
  const { executions, failures, p95_ms } = after;
  const restarted =
    executions < before.executions ||
    failures < before.failures ||
    failures - before.failures > executions - before.executions;
  return restarted
    ? { executions, failures, p95_ms }
    : { executions: executions - before.executions, failures: failures - before.failures, p95_ms };
}
