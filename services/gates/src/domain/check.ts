import type { CheckResult, Finding, LogLine, Outcome } from '@m3/contracts';

/** What a check or gate found out, before time and log are added to it. */
export interface Verdict {
  readonly outcome: Outcome;
  /** One line for people. */
  readonly message: string;
  readonly findings?: readonly Finding[];
  readonly metrics?: Readonly<Record<string, number>>;
}

export const passed = (message: string, more: Omit<Verdict, 'outcome' | 'message'> = {}): Verdict => ({
  outcome: 'passed',
  message,
  ...more,
});
export const failed = (message: string, more: Omit<Verdict, 'outcome' | 'message'> = {}): Verdict => ({
  outcome: 'failed',
  message,
  ...more,
});
export const inconclusive = (message: string): Verdict => ({ outcome: 'inconclusive', message });

/** Findings that an event carries at most; the message says when there were more. */
const maxFindings = 200;

/** The recorded result of a check. */
export function checkResult(name: string, verdict: Verdict, duration_ms: number, at: string): CheckResult {
  const findings = verdict.findings ?? [];
  const level: LogLine['level'] = verdict.outcome === 'passed' ? 'info' : 'error';
  const more =
    findings.length > maxFindings ? ` (the first ${maxFindings} of ${findings.length} findings are shown)` : '';
  const message = `${verdict.message}${more}`.slice(0, 2000);
  return {
    name,
    outcome: verdict.outcome,
    message,
    duration_ms: Math.round(duration_ms * 100) / 100,
    findings: findings.slice(0, maxFindings),
    log: [{ at, level, text: message }],
    ...(verdict.metrics ? { metrics: { ...verdict.metrics } } : {}),
  };
}

/** One failure fails all; without a failure, one that has no data leaves all inconclusive. */
export function overall(results: readonly CheckResult[]): Outcome {
  if (results.some(({ outcome }) => outcome === 'failed')) return 'failed';
  return results.length === 0 || results.some(({ outcome }) => outcome === 'inconclusive') ? 'inconclusive' : 'passed';
}
