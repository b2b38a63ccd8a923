import type { CheckResult, LogLine, Outcome, RecordedEvent } from '@m3/contracts';
import type { LogEntry } from '../projections/log-entry.js';

/** How a line begins: done, gone wrong, worth a look, or just said. */
export type Mark = '✓' | '✗' | '!' | '•';

/** One line to be, before it is cut to size and gets its time. */
export interface Said {
  readonly at: string;
  readonly mark: Mark;
  readonly text: string;
}

/** Something said at the time of an event. */
export const says = (event: Pick<RecordedEvent, 'metadata'>, mark: Mark, text: string): Said => ({
  at: event.metadata.occurredAt,
  mark,
  text,
});
/** A round of checks: what each said, then what it came to. */
export function round(event: LogEntry, name: string, outcome: Outcome, checks: readonly CheckResult[]): Said[] {
  return [...checks.flatMap((check) => checkLines(event, check)), says(event, markOf(outcome), `${name} ${outcome}`)];
}

export function checkLines(event: LogEntry, check: CheckResult): Said[] {
  const details = quoted(check.log.filter(({ text }) => text !== check.message));
  return [...details, says(event, markOf(check.outcome), `${check.name}: ${check.message}`)];
}

export function quoted(log: readonly LogLine[]): Said[] {
  return log.map(({ at, level, text }) => ({ at, mark: marks[level], text }));
}

const marks = { info: '•', warning: '!', error: '✗' } as const satisfies Record<LogLine['level'], Mark>;

function markOf(outcome: Outcome): Mark {
  return outcome === 'passed' ? '✓' : '✗';
}

export function delivered(
  event: LogEntry,
  { channel, outcome, reason }: LogEntry<'NotificationRetried'>['data']['delivery'],
): Said {
  const mark = { delivered: '✓', deferred: '!', abandoned: '✗' } as const;
  return says(event, mark[outcome], `Notification to ${channel} ${outcome}${reason === null ? '' : `: ${reason}`}`);
}

/** `2024-03-19 14:23:45`, in UTC. */
export function clock(iso: string): string {
  return new Date(iso).toISOString().slice(0, 19).replace('T', ' ');
}
