import type { CheckResult, Finding, LogLine, Outcome } from '@m3/contracts';

/** What a check or gate found out, before time and log are added to it. */
export interface Verdict {
  readonly outcome: Outcome;
  /** One line for people. */
  readonly message: string;
  readonly findings?: readonly Finding[];
  readonly metrics?: Readonly<Record<string, number>>;
  readonly log?: readonly LogLine[];
}

type More = Omit<Verdict, 'outcome' | 'message'>;

export const passed = (message: string, more: More = {}): Verdict => ({ outcome: 'passed', message, ...more });
export const failed = (message: string, more: More = {}): Verdict => ({ outcome: 'failed', message, ...more });

/** There was no data to judge by. With a code, the reason is a finding too, beside any others. */
export function inconclusive(message: string, code?: string, more: More = {}): Verdict {
  const reason: Finding[] = code === undefined ? [] : [{ code, severity: 'error', message: message.slice(0, 2000) }];
  return { outcome: 'inconclusive', message, ...more, findings: [...reason, ...(more.findings ?? [])] };
}

/** Findings that an event carries at most; the message says when there were more. */
const maxFindings = 200;
const maxLines = 200;

/** The recorded result of a check. */
export function checkResult(name: string, verdict: Verdict, duration_ms: number, at: string): CheckResult {
  const { findings = [], log = [] } = verdict;
  const level: LogLine['level'] = verdict.outcome === 'passed' ? 'info' : 'error';
  const more =
    findings.length > maxFindings ? ` (the first ${maxFindings} of ${findings.length} findings are shown)` : '';
  const message = `${verdict.message}${more}`.slice(0, 2000);
  return {
    name,
    outcome: verdict.outcome,
    message,
    duration_ms: Math.round(Math.max(0, duration_ms) * 100) / 100,
    findings: findings.slice(0, maxFindings),
    log: [...log.slice(0, maxLines), { at, level, text: message }],
    ...(verdict.metrics ? { metrics: { ...verdict.metrics } } : {}),
  };
}

/** One failure fails all; without a failure, one that has no data leaves all inconclusive. */
export function overall(results: readonly CheckResult[]): Outcome {
  if (results.some(({ outcome }) => outcome === 'failed')) return 'failed';
  return results.length === 0 || results.some(({ outcome }) => outcome === 'inconclusive') ? 'inconclusive' : 'passed';
}
