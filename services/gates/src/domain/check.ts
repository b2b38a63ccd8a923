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
/** What to do about it. */
type Remedy = Pick<Finding, 'remedy'>;

export const passed = (message: string, more: More = {}): Verdict => ({ outcome: 'passed', message, ...more });
export const failed = (message: string, more: More = {}): Verdict => ({ outcome: 'failed', message, ...more });

/** There was no data to judge by. With a code, the reason is a finding too, beside any others. */
export function inconclusive(message: string, code?: string, { remedy, ...more }: More & Remedy = {}): Verdict {
  const mended = remedy === undefined ? {} : { remedy };
  const reason: Finding[] = code === undefined ? [] : [{ code, severity: 'error', message, ...mended }];
  return { outcome: 'inconclusive', message, ...more, findings: [...reason, ...(more.findings ?? [])] };
}

/** Findings that an event carries at most; the message says when there were more. */
const maxFindings = 200;
const maxLines = 200;
const maxText = 2000;

/** Text of others as one line, without control characters and halves of surrogate pairs, which the log does not take. */
export function oneLine(text: string): string {
  return text
    .slice(0, maxText)
    .replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .trim();
}

/** Bytes that the findings of one result may take, and its log; an event takes 1 MiB. */
const roomForOne = 300_000;

/** The recorded result of a check. */
export function checkResult(name: string, verdict: Verdict, duration_ms: number, at: string): CheckResult {
  const { findings = [], log = [] } = verdict;
  const level: LogLine['level'] = verdict.outcome === 'passed' ? 'info' : 'error';
  const shown = findings.slice(0, maxFindings).map((finding) => ({ ...finding, message: oneLine(finding.message) }));
  const kept = within(roomForOne, shown);
  const more =
    kept.length < findings.length ? ` (the first ${kept.length} of ${findings.length} findings are shown)` : '';
  const message = oneLine(`${verdict.message.slice(0, maxText - more.length)}${more}`);
  const lines = log.slice(0, maxLines).map((line) => ({ ...line, text: oneLine(line.text) }));
  return {
    name,
    outcome: verdict.outcome,
    message,
    duration_ms: Math.round(Math.max(0, duration_ms) * 100) / 100,
    findings: kept,
    log: [...within(roomForOne, lines), { at, level, text: message }],
    ...(verdict.metrics ? { metrics: { ...verdict.metrics } } : {}),
  };
}

/** Bytes that the results of a run may take together: its end holds all of them. */
const roomForAll = 600_000;

/** Results that fit into one event: each keeps as much of its findings and its log as its share holds. */
export function fitting(results: readonly CheckResult[]): CheckResult[] {
  const share = roomForAll / Math.max(1, results.length) / 2;
  return results.map((result) => {
    const findings = within(share, result.findings);
    const log = within(share, result.log);
    const left = result.findings.length - findings.length;
    const more = left === 0 ? '' : ` (${left} more findings are not shown)`;
    return { ...result, message: `${result.message.slice(0, maxText - more.length)}${more}`, findings, log };
  });
}

/** The first of them, as many as take no more bytes together. */
function within<Item>(bytes: number, items: readonly Item[]): Item[] {
  let room = bytes;
  return items.filter((item) => (room -= Buffer.byteLength(JSON.stringify(item)) + 1) >= 0);
}

/** One failure fails all; without a failure, one that has no data leaves all inconclusive. */
export function overall(results: readonly CheckResult[]): Outcome {
  if (results.some(({ outcome }) => outcome === 'failed')) return 'failed';
  return results.length === 0 || results.some(({ outcome }) => outcome === 'inconclusive') ? 'inconclusive' : 'passed';
}
