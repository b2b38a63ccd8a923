import type { Evidence, LoggedEvent, Violation } from './evidence.js';
import { grouped } from './log-of.js';

/** The log has no hole and no branch: every event has its place in the one order, and its place in its stream. */
export function logIsWhole({ events }: Evidence): readonly Violation[] {
  const rule = 'the log is whole';
  const unsealed = events.filter(({ seq }) => seq === null);
  const seqs = events.flatMap(({ seq }) => (seq === null ? [] : [seq]));
  const gaps = seqs.filter((seq, index) => seq !== index + 1).slice(0, 1);
  const broken = [...grouped(events, ({ stream }) => stream)].filter(([, stream]) => !isDense(stream));
  return [
    ...unsealed.map(({ type, stream }) => ({ rule, text: `${type} in ${stream} has no place in the order` })),
    ...gaps.map((seq) => ({ rule, text: `the order has a gap before ${seq}` })),
    ...broken.map(([stream]) => ({ rule, text: `${stream} has a gap, or a version twice` })),
  ];
}

function isDense(stream: readonly LoggedEvent[]): boolean {
  const versions = stream.map(({ version }) => version).sort((a, b) => a - b);
  return versions.every((version, index) => version === index + 1);
}

/** Nothing was put aside because nobody could handle it. */
export function noDeadLetters({ events }: Evidence): readonly Violation[] {
  const letters = events.filter(({ type }) => type === 'DeadLetterRecorded');
  return letters.map(({ data }) => ({ rule: 'no dead letters', text: JSON.stringify(data).slice(0, 600) }));
}
