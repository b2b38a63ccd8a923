import type { Evidence, LoggedEvent, Violation } from './checker/evidence.js';
import { endings, isEnding, publishOf, storiesOf } from './checker/log-of.js';
import type { FaultKind } from './plan/faults.js';
import type { ChaosSize } from './plan/plan.js';

/** What a run came to. */
export interface ChaosResult {
  readonly size: ChaosSize;
  readonly evidence: Evidence;
  readonly violations: readonly Violation[];
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** How often a target was looked at. */
  readonly looks: number;
  readonly refused: ReadonlyMap<string, number>;
  readonly unanswered: ReadonlyMap<string, number>;
  readonly seconds: number;
}

const SHOWN_VIOLATIONS = 20;
const SHOWN_STORIES = 3;

/** The figures of a run; and when something must not be: what, the story of it, and how to have it again. */
export function report(result: ChaosResult): string {
  const { violations, size } = result;
  const lines = figures(result);
  if (violations.length === 0) return lines.join('\n');
  const { seed, faults, actions } = size;
  return [
    ...lines,
    '',
    ...violations
      .slice(0, SHOWN_VIOLATIONS)
      .map(({ rule, publish_id = '', text }) => `✗ ${rule}: ${publish_id} ${text}`),
    ...(violations.length > SHOWN_VIOLATIONS ? [`  and ${violations.length - SHOWN_VIOLATIONS} more`] : []),
    ...storiesAtFault(result).flatMap((story) => ['', ...story]),
    '',
    `Again: npm run chaos -- --seed ${seed} --faults ${faults} --actions ${actions} --keep`,
  ].join('\n');
}

function figures({ evidence, faults, looks, violations, refused, unanswered, seconds, size }: ChaosResult): string[] {
  const ends = evidence.events.filter(isEnding).map(({ type }) => endings[type] ?? type);
  const byEnd = [...new Set(ends)].sort().map((end) => `${ends.filter((each) => each === end).length} ${end}`);
  return [
    `seed ${size.seed}`,
    counted('faults', faults),
    `${storiesOf(evidence).size} publishes checked (${kindsIn(evidence).join(', ')}): ${byEnd.join(', ')}`,
    `${evidence.acknowledged.length} commands acknowledged, ${counted('refused', refused)}, ${counted('without an answer', unanswered)}`,
    `${evidence.events.length} events, ${looks} looks at targets`,
    `${violations.length} violations`,
    `${seconds} seconds`,
  ];
}

/** How many of the publishes put a target back, or did another one again; and how many put back by themselves. */
function kindsIn({ events }: Evidence): readonly string[] {
  const count = (is: (event: LoggedEvent) => boolean) => events.filter(is).length;
  const retries = count(({ type, data }) => type === 'PublishTriggered' && typeof data['retry_of'] === 'string');
  return [
    `${count(({ type }) => type === 'RollbackRequested')} rollbacks`,
    `${retries} retries`,
    `${count(({ type }) => type === 'RestoreRequested')} put back by themselves`,
  ];
}

function counted(what: string, byName: ReadonlyMap<string, number>): string {
  const total = [...byName.values()].reduce((sum, each) => sum + each, 0);
  const sorted = [...byName].sort(([one], [other]) => one.localeCompare(other));
  const each = sorted.map(([name, count]) => `${count} ${name}`).join(', ');
  return each === '' ? `${total} ${what}` : `${total} ${what} (${each})`;
}

/** Everything that was logged about the first publishes at fault. */
function storiesAtFault({ evidence, violations }: ChaosResult): readonly (readonly string[])[] {
  const ids = new Set(violations.flatMap(({ publish_id }) => (publish_id === undefined ? [] : [publish_id])));
  return [...ids]
    .slice(0, SHOWN_STORIES)
    .map((id) => [
      `The story of ${id}:`,
      ...evidence.events.filter((event) => publishOf(event) === id).map(line),
      ...evidence.acknowledged
        .filter((each) => 'publish_id' in each && each.publish_id === id)
        .map((each) => `  acknowledged: ${JSON.stringify(each)}`),
    ]);
}

/** Fields that say what an event came to, in a few words. */
const telling = ['code', 'reason', 'outcome', 'by', 'version', 'fence', 'active_version', 'deadline_at', 'unknown'];

function line({ recordedAt, seq, type, data }: LoggedEvent): string {
  const said = telling.flatMap((field) => {
    const value = data[field];
    return typeof value === 'string' || typeof value === 'number' ? [`${field}=${value}`] : [];
  });
  return `  ${recordedAt} ${seq ?? '–'} ${type} ${said.join(' ')}`.slice(0, 300);
}
