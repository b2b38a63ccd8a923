import type { TargetsApplied } from '@m3/contracts';
import type { Tone } from './output.js';

type AppliedTarget = TargetsApplied['targets'][number];

interface DiffLine {
  readonly text: string;
  readonly tone: Tone;
}

const marks = { created: '+', changed: '~', unchanged: '=' } as const;
const tones = { created: 'good', changed: 'warning', unchanged: 'faint' } as const;

/** What applying would change, target by target and field by field. */
export function diffLines(targets: readonly AppliedTarget[]): readonly DiffLine[] {
  return targets.flatMap(({ name, outcome, changes }) => [
    { text: `${marks[outcome]} ${name}: ${outcome === 'created' ? 'new' : outcome}`, tone: tones[outcome] },
    ...changes.map(({ field, before, after }) => ({
      text: `    ${changeText(field, before, after)}`,
      tone: 'plain' as const,
    })),
  ]);
}

/** `region: eu → us` */
export function changeText(field: string, before: unknown, after: unknown): string {
  if (isAbsent(before)) return `${field}: ${valueText(after)}`;
  return isAbsent(after)
    ? `${field}: ${valueText(before)} → removed`
    : `${field}: ${valueText(before)} → ${valueText(after)}`;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
